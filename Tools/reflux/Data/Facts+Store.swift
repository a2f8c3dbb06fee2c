import RefluxBytes
import RefluxJSON
import RefluxStorage
import RefluxTargets

/// What `inspect` and the verbs that write stores say of one.
extension Facts {
  mutating func add(_ store: StoreInspection) {
    addContent(of: store)
    addForm(of: store)
    addProvenance(store.header.provenance, of: store.header.kind)
    add("fingerprint", store.fingerprint.map { .hash($0) } ?? .null)
  }

  private mutating func addContent(of store: StoreInspection) {
    let header = store.header
    add("kind", .string("\(header.kind)"))
    add("format_version", .integer(store.formatVersion))
    add("sealed", .bool(store.isSealed))
    add("files", .integer(store.files))
    add("first_position", .integer(header.firstPosition))
    add("records", .integer(store.records))
    if header.kind == .tokens { add("documents", .integer(store.documents)) }
    add("vocabulary_size", .integer(header.vocabularySize))
    add("known_vocabulary", .integer(header.knownVocabulary))
    if header.kind == .tokens { return }
    add("capacity", .integer(header.capacity))
    add("weighted", .bool(header.isWeighted))
    add("values", .string(header.values.rawValue))
    let extras = header.extras.map(\.rawValue)
    add(
      "optional_fields", .array(extras.map { .string($0) }),
      text: extras.isEmpty ? "-" : extras.joined(separator: ", "))
  }

  private mutating func addForm(of store: StoreInspection) {
    let header = store.header
    add("blocks", .integer(store.blocks))
    add("records_per_block", .integer(header.recordsPerBlock))
    if header.kind == .samples {
      add("encoding", .string(header.hasDictionary ? "packed" : "plain"))
      add("dictionary_bytes", .integer(header.dictionaryBytes))
    }
    add("codec", .string(store.codec))
    add("file_bytes", .integer(store.fileBytes))
    add("bytes_per_record", .number(store.bytesPerRecord))
    add("raw_bytes_per_record", .integer(header.recordBytes))
  }

  private mutating func addProvenance(_ provenance: StoreProvenance, of kind: RecordKind) {
    add("tokenizer_hash", .hash(provenance.tokenizerHash))
    if kind == .samples { addTeacher(provenance) }
    addText("software", provenance.software)
    let created = Timestamp.text(provenance.created)
    add("created", provenance.created == 0 ? .null : .string(created))
    let notes = provenance.notes.sorted { $0.key < $1.key }
    add(
      "notes", .object(JSONObject(notes.map { .init($0.key, .string($0.value)) })),
      text: notes.isEmpty
        ? "-" : Failure(notes.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")).description)
  }

  private mutating func addTeacher(_ provenance: StoreProvenance) {
    add("tokens_hash", .hash(provenance.tokensHash))
    addText("teacher", provenance.teacher)
    add("teacher_hash", .hash(provenance.teacherHash))
    add("sampler", .object(Self.sampler(provenance)), text: provenance.drawing)
    add("context_length", .integer(provenance.contextLength))
    add("stride", .integer(provenance.stride))
    addText("packing", provenance.packing)
  }

  /// What is usual has no key.
  private static func sampler(_ provenance: StoreProvenance) -> JSONObject {
    var sampler: JSONObject = [
      "estimator": .string(provenance.estimator), "rounds": .integer(provenance.rounds),
      "tau": .number(provenance.tau), "seed": .exact(provenance.seed),
    ]
    if !provenance.isCorrected {
      sampler.members.append(.init("target", .string(provenance.target)))
    }
    if provenance.temperature != 1 {
      sampler.members.append(.init("temperature", .number(provenance.temperature)))
    }
    if let gamma = provenance.gamma { sampler.members.append(.init("gamma", .number(gamma))) }
    return sampler
  }

  /// A text that may be empty; people read a dash then.
  private mutating func addText(_ key: String, _ text: String) {
    add(key, .string(text), text: text.isEmpty ? "-" : ForeignText.shown(text))
  }
}
