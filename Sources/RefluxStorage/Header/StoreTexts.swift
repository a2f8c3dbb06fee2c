import RefluxBytes

/// The texts of a header: keys and values in ascending order of the keys (SPEC.md, section 3.3).
struct StoreTexts {
  var values: [String: String]

  init(_ values: [String: String]) { self.values = values }

  /// The entries in the order of the file; those without a value are left out.
  private var entries: [(key: String, value: String)] {
    values.filter { !$0.value.isEmpty }.sorted {
      $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }
    .map { (key: $0.key, value: $0.value) }
  }

  /// The length of `encoded()` in bytes.
  var encodedBytes: Int { entries.reduce(0) { $0 + 4 + $1.key.utf8.count + $1.value.utf8.count } }

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    for (key, value) in entries {
      writer.write(UInt8(key.utf8.count))
      writer.write(UInt8(0))
      writer.write(UInt16(value.utf8.count))
      writer.write(key)
      writer.write(value)
    }
    return writer.bytes
  }

  /// Reads `bytes` to their end; nil where they break a rule.
  init?(_ bytes: RawSpan) {
    values = [:]
    var reader = ByteReader(bytes)
    do throws(ByteError) {
      while reader.remaining > 0 {
        let keyCount = Int(try reader.readUInt8())
        try reader.skip(1)
        let valueCount = Int(try reader.readUInt16())
        let key = try reader.readText(keyCount)
        values[key] = try reader.readText(valueCount)
      }
    } catch {
      return nil
    }
    if fault != nil { return nil }
  }

  /// What cannot be written, as a clause for people, or nil.
  var fault: String? {
    for (key, value) in entries {
      let isName = key.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
      }
      guard isName, (1...StoreLimits.maximumKeyBytes).contains(key.utf8.count) else {
        return "the key '\(key.prefix(80))' does not fit, expected 1 to "
          + "\(StoreLimits.maximumKeyBytes) of a-z, 0-9, '-' and '.'"
      }
      guard value.utf8.count <= StoreLimits.maximumTextBytes else {
        return "the text '\(key)' of \(value.utf8.count) bytes does not fit, expected at most "
          + "\(StoreLimits.maximumTextBytes)"
      }
    }
    return nil
  }
}

extension StoreProvenance {
  /// The texts among the fields, the free ones and the known ones.
  var texts: StoreTexts {
    get {
      var values = notes
      values["teacher"] = teacher
      values["estimator"] = estimator
      values["packing"] = packing
      values["software"] = software
      values.merge(targetTexts) { _, own in own }
      return StoreTexts(values)
    }
    set {
      var rest = newValue.values
      teacher = rest.removeValue(forKey: "teacher") ?? ""
      estimator = rest.removeValue(forKey: "estimator") ?? ""
      packing = rest.removeValue(forKey: "packing") ?? ""
      software = rest.removeValue(forKey: "software") ?? ""
      notes = rest
    }
  }
}
