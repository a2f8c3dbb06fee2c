/// Canonical composition (NFC) of UTF-8, as the tokenizers package does it: what Unicode 9.0.0 does
/// not know is neither decomposed, composed nor put in order.
///
/// Bytes that are no UTF-8 stay as they are, and nothing composes across them.
struct CanonicalForm: Sendable {
  /// The tables, made once: 1.1 MB.
  static let shared = CanonicalForm()

  /// A starter that may become another one, or part of the one before it.
  private static let changing: UInt8 = 255
  private static let excluded: UInt64 = 1 << 63

  /// 0 for a character before which a text may be cut, else its combining class or `changing`.
  private let kinds: [UInt8]
  private let parts: [UInt32: (first: UInt32, second: UInt32?)]
  private let compositions: PairTable
  private let composites: [UInt32]

  private init() {
    var parts: [UInt32: (first: UInt32, second: UInt32?)] = [:]
    var compositions = PairTable(minimumCapacity: Self.pairs.count)
    var composites: [UInt32] = []
    var kinds = [UInt8](repeating: 0, count: 0x110000)
    for single in Self.singles {
      parts[UInt32(single >> 21)] = (UInt32(single & 0x1F_FFFF), nil)
      kinds[Int(single >> 21)] = Self.changing
    }
    for pair in Self.pairs {
      let composite = UInt32(pair >> 42 & 0x1F_FFFF)
      let (first, second) = (UInt32(pair >> 21 & 0x1F_FFFF), UInt32(pair & 0x1F_FFFF))
      parts[composite] = (first, second)
      if pair & Self.excluded != 0 {
        kinds[Int(composite)] = Self.changing
      } else if compositions.insert(TokenPair(first, second)).isNew {
        composites.append(composite)
        kinds[Int(second)] = Self.changing
      }
    }
    for jamo in [Hangul.vowels, Hangul.finals].joined() { kinds[Int(jamo)] = Self.changing }
    for (index, run) in Self.classRuns.enumerated() where run & 0xFF != 0 {
      let end = index + 1 < Self.classRuns.count ? Self.classRuns[index + 1] >> 8 : 0x110000
      for scalar in run >> 8..<end { kinds[Int(scalar)] = UInt8(run & 0xFF) }
    }
    (self.parts, self.kinds) = (parts, kinds)
    (self.compositions, self.composites) = (compositions, composites)
  }

  /// Whether the canonical form of a text is that of what stands before this character, followed by
  /// that of the rest.
  func isBoundary(_ scalar: Int) -> Bool { kinds[scalar] == 0 }

  /// The canonical form of `bytes`, or nil where they are it already.
  ///
  /// - Complexity: linear, but for runs of marks, which are put in order.
  func compose(_ bytes: Span<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var copied = 0
    var start = 0
    var index = 0
    while index < bytes.count {
      if bytes[index] < 0x80 {
        start = index
        index += 1
      } else if let (scalar, length) = UTF8Scalar.decode(at: index, in: bytes) {
        if kinds[scalar] == 0 {
          start = index
          index += length
          continue
        }
        index = endOfChanging(from: index, in: bytes)
        let segment = compose(segment: bytes.extracting(start..<index))
        if !bytes.extracting(start..<index).holds(segment) {
          result.append(bytes.extracting(copied..<start))
          result += segment
          copied = index
        }
        start = index
      } else {
        index += 1
        start = index
      }
    }
    if copied == 0 { return nil }
    result.append(bytes.extracting(copied..<bytes.count))
    return result
  }

  private func endOfChanging(from start: Int, in bytes: Span<UInt8>) -> Int {
    var end = start
    while end < bytes.count, bytes[end] >= 0x80,
      let (scalar, length) = UTF8Scalar.decode(at: end, in: bytes), kinds[scalar] != 0
    {
      end += length
    }
    return end
  }

  /// The canonical form of a starter and what may change with it.
  private func compose(segment: Span<UInt8>) -> [UInt8] {
    var scalars: [UInt32] = []
    var index = 0
    while index < segment.count {
      let ascii = (scalar: Int(segment[index]), length: 1)
      let (scalar, length) = UTF8Scalar.decode(at: index, in: segment) ?? ascii
      decompose(UInt32(scalar), into: &scalars)
      index += length
    }
    order(&scalars)
    var text = String.UnicodeScalarView()
    text.append(contentsOf: composed(scalars).compactMap(Unicode.Scalar.init))
    return Array(String(text).utf8)
  }

  private func decompose(_ scalar: UInt32, into scalars: inout [UInt32]) {
    if let syllable = Hangul.parts(of: scalar) {
      scalars += syllable
    } else if let (first, second) = parts[scalar] {
      decompose(first, into: &scalars)
      if let second { decompose(second, into: &scalars) }
    } else {
      scalars.append(scalar)
    }
  }

  private func combiningClass(_ scalar: UInt32) -> UInt8 {
    let kind = kinds[Int(scalar)]
    return kind == Self.changing ? 0 : kind
  }

  /// Puts each run of marks into the order of their classes; equal ones stay as they stand.
  private func order(_ scalars: inout [UInt32]) {
    var start = 0
    while start < scalars.count {
      var end = start
      while end < scalars.count, combiningClass(scalars[end]) != 0 { end += 1 }
      if end - start > 1 {
        let marks = scalars[start..<end].enumerated().sorted {
          let (one, other) = (combiningClass($0.element), combiningClass($1.element))
          return one != other ? one < other : $0.offset < $1.offset
        }
        scalars.replaceSubrange(start..<end, with: marks.map(\.element))
      }
      start = end + 1
    }
  }

  /// Joins each starter with the marks after it that no mark of the same class keeps from it.
  private func composed(_ scalars: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    var starter: Int?
    var last: UInt8 = 0
    for scalar in scalars {
      let own = combiningClass(scalar)
      let isNext = starter.map { $0 == result.count - 1 } ?? false
      if let place = starter, isNext || last < own,
        let composite = composite(result[place], scalar)
      {
        result[place] = composite
        continue
      }
      if own == 0 { starter = result.count }
      last = own
      result.append(scalar)
    }
    return result
  }

  private func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
    Hangul.composite(first, second)
      ?? compositions.find(TokenPair(first, second)).map { composites[$0] }
  }
}

/// Syllables of Korean, which are composed by rule.
private enum Hangul {
  static let leads: Range<UInt32> = 0x1100..<0x1113
  static let vowels: Range<UInt32> = 0x1161..<0x1176
  static let finals: Range<UInt32> = 0x11A8..<0x11C3
  static let syllables: Range<UInt32> = 0xAC00..<0xD7A4

  static func parts(of scalar: UInt32) -> [UInt32]? {
    guard syllables.contains(scalar) else { return nil }
    let index = scalar - syllables.lowerBound
    let pair = [leads.lowerBound + index / 588, vowels.lowerBound + index % 588 / 28]
    return index % 28 == 0 ? pair : pair + [finals.lowerBound + index % 28 - 1]
  }

  static func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if leads.contains(first), vowels.contains(second) {
      let index = (first - leads.lowerBound) * 21 + second - vowels.lowerBound
      return syllables.lowerBound + index * 28
    }
    guard syllables.contains(first), (first - syllables.lowerBound) % 28 == 0,
      finals.contains(second)
    else { return nil }
    return first + second - finals.lowerBound + 1
  }
}

extension [UInt8] {
  init(copying span: Span<UInt8>) {
    self = []
    reserveCapacity(span.count)
    append(span)
  }

  /// Appends a copy of the bytes of a span.
  mutating func append(_ span: Span<UInt8>) {
    for index in span.indices { append(span[index]) }
  }
}

extension Span<UInt8> {
  fileprivate func holds(_ bytes: [UInt8]) -> Bool {
    guard count == bytes.count else { return false }
    for index in indices where self[index] != bytes[index] { return false }
    return true
  }
}
