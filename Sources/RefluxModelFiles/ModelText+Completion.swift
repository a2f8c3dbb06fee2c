internal import RefluxJSON
public import RefluxModel
internal import RefluxTokens

extension ModelText {
  /// Adds what `AutoTokenizer` and `generate` would else guess: the tokenizer's class, the ids that
  /// end a text, in config.json's ids as well.
  ///
  /// What a source's files say stays; the end of the training's documents is added to the ends of a
  /// text, since that is what the model has learned. A new model whose documents never began with
  /// the tokenizer's beginning of a text does not get it put there either; one that was trained
  /// before keeps what it was trained with (``putsUnseenBeginning`` says so).
  ///
  /// - Parameters:
  ///   - own: the special ids of the model's configuration.
  ///   - marks: how the training's documents begin and end.
  ///   - isNew: whether the model began with random weights.
  ///   - positions: the model's, the longest text.
  /// - Throws: `sideFile` for a file that is no JSON object.
  public func completed(
    own: SpecialTokens, marks: DocumentMarks, isNew: Bool, positions: Int
  ) throws(ModelFilesError) -> ModelText {
    guard let tokenizer else { return self }
    let added = Set(tokenizer.addedTokens.map(\.id))
    func known(_ id: UInt32?) -> Int? { id.flatMap { added.contains($0) ? Int($0) : nil } }
    var (result, special) = (self, own)
    let beginning = known(marks.beginning)
    if isNew { special.beginning = special.beginning ?? beginning }
    let end = known(marks.end) ?? (own.end.isEmpty ? tokenizer.endOfText.map(Int.init) : nil)
    if let end, !special.end.contains(end) { special.end.append(end) }
    result.specialTokens = special
    if files[Self.settingsName] == nil {
      result.addSettings(special, tokenizer, positions)
    } else {
      try result.completeSettings(isNew: isNew)
    }
    try result.completeGeneration(special)
    if beginning == nil {
      if isNew { try result.putNothingBefore() } else { try result.lookForBeginning() }
    }
    return result
  }

  /// The class that takes tokenizer.json as it is.
  private static let plainClass = JSONValue.string("PreTrainedTokenizerFast")
  /// What that class gives to a model; else it adds `token_type_ids`, which no decoder takes.
  private static let inputNames = JSONValue.array([
    .string("input_ids"), .string("attention_mask"),
  ])

  /// Names the class of a source that leaves it to the type of its own model, and its outputs.
  private mutating func completeSettings(isNew: Bool) throws(ModelFilesError) {
    if isNew {
      try edit(Self.settingsName) {
        $0["tokenizer_class"] == nil
      } by: {
        $0.set("tokenizer_class", Self.plainClass)
      }
    }
    try edit(Self.settingsName) {
      $0["tokenizer_class"] == Self.plainClass && $0["model_input_names"] == nil
    } by: {
      $0.set("model_input_names", Self.inputNames)
    }
  }

  private mutating func addSettings(
    _ special: SpecialTokens, _ tokenizer: Tokenizer, _ positions: Int
  ) {
    var settings: JSONObject = [
      "tokenizer_class": Self.plainClass, "clean_up_tokenization_spaces": .bool(false),
      "model_input_names": Self.inputNames, "model_max_length": .integer(positions),
    ]
    for (key, id) in [("bos_token", special.beginning), ("eos_token", special.end.first)] {
      guard let token = tokenizer.addedTokens.first(where: { Int($0.id) == id }) else { continue }
      settings.set(key, .string(token.content))
    }
    files[Self.settingsName] = JSONValue.object(settings).encoded(indented: true)
  }

  /// Every end of a text that is known, in generation_config.json.
  private mutating func completeGeneration(_ special: SpecialTokens) throws(ModelFilesError) {
    var settings = try object(Self.generationName) ?? JSONObject()
    let ends = try endsOfGeneration()
    let missing = special.end.filter { !ends.contains($0) }
    if files[Self.generationName] != nil && missing.isEmpty { return }
    let all = (ends + missing).map { JSONValue.integer($0) }
    settings.set("eos_token_id", all.count == 1 ? all[0] : all.isEmpty ? .null : .array(all))
    if settings["bos_token_id"] == nil {
      settings.set("bos_token_id", special.beginning.map { .integer($0) } ?? .null)
    }
    files[Self.generationName] = JSONValue.object(settings).encoded(indented: true)
  }

  /// The ids that end a text by generation_config.json: a number or a list of them; none where
  /// there is no such file.
  func endsOfGeneration() throws(ModelFilesError) -> [Int] {
    guard let found = try object(Self.generationName)?["eos_token_id"], !found.isNull else {
      return []
    }
    let elements = found.arrayValue ?? [found]
    let ids = elements.compactMap(\.integerValue)
    if ids.count == elements.count { return ids }
    throw .sideFile(
      name: Self.generationName,
      "eos_token_id is \(found.kind), expected a whole number or a list of them")
  }

  // MARK: What is put before a text

  private mutating func putNothingBefore() throws(ModelFilesError) {
    try edit(Self.tokenizerName) {
      Self.template($0["post_processor"])
    } by: {
      $0.set("post_processor", Self.withoutTemplates($0["post_processor"]))
    }
    try edit(Self.settingsName) {
      $0["bos_token"]?.isNull == false
    } by: {
      $0.set("add_bos_token", .bool(false))
    }
  }

  private mutating func lookForBeginning() throws(ModelFilesError) {
    let settings = try object(Self.settingsName)
    let name = settings?["tokenizer_class"]?.stringValue ?? ""
    // These two classes put it there unless they are told not to.
    let usually = name.hasPrefix("LlamaTokenizer") || name.hasPrefix("GemmaTokenizer")
    let adds = settings?["add_bos_token"]?.boolValue ?? usually
    let hasTemplate = Self.template(try object(Self.tokenizerName)?["post_processor"])
    putsUnseenBeginning = adds || hasTemplate && settings?["add_bos_token"] == nil
  }

  /// Whether a post-processor puts a token before a text.
  private static func template(_ processor: JSONValue?) -> Bool {
    guard let processor = processor?.objectValue else { return false }
    if let parts = processor["processors"]?.arrayValue { return parts.contains(where: template) }
    return processor["single"]?.arrayValue?.first?.objectValue?["SpecialToken"] != nil
  }

  private static func withoutTemplates(_ processor: JSONValue?) -> JSONValue {
    guard var object = processor?.objectValue, !template(.object(object)) || object.isSequence
    else { return .null }
    let parts = object["processors"]?.arrayValue ?? []
    object.set("processors", .array(parts.filter { !template($0) }))
    return .object(object)
  }

  // MARK: Files as objects

  private func object(_ name: String) throws(ModelFilesError) -> JSONObject? {
    guard let bytes = files[name] else { return nil }
    do {
      guard let object = try JSONValue(parsing: bytes).objectValue else {
        throw ModelFilesError.sideFile(name: name, "expected a JSON object")
      }
      return object
    } catch let error as ModelFilesError { throw error } catch {
      throw .sideFile(name: name, "\(error)")
    }
  }

  /// Changes a file that is there and needs it; others keep their bytes.
  private mutating func edit(
    _ name: String, if isNeeded: (JSONObject) -> Bool, by change: (inout JSONObject) -> Void
  ) throws(ModelFilesError) {
    guard var object = try object(name), isNeeded(object) else { return }
    change(&object)
    files[name] = JSONValue.object(object).encoded(indented: true)
  }
}

extension JSONObject {
  fileprivate var isSequence: Bool { self["processors"] != nil }

  /// Gives a key a value, at its place or at the end.
  fileprivate mutating func set(_ key: String, _ value: JSONValue) {
    if let index = members.firstIndex(where: { $0.key == key }) {
      members[index].value = value
    } else {
      members.append(Member(key, value))
    }
  }
}
