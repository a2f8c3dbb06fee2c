/// The sizes that format version 1 fixes or bounds (SPEC.md, sections 2 to 11).
package enum StoreLimits {
  static let version: UInt16 = 1
  /// Section 3: a byte above 127, CR LF, the end-of-text byte and a lone LF.
  static let magic: [UInt8] = [0x89, 0x52, 0x46, 0x58, 0x0D, 0x0A, 0x1A, 0x0A]
  /// Section 8: the last eight bytes of every sealed store.
  static let endMagic: [UInt8] = [0x89, 0x52, 0x46, 0x58, 0x45, 0x4E, 0x44, 0x0A]
  /// Section 5.1: "RFXB" read as a little-endian number.
  static let blockMagic: UInt32 = 0x4258_4652

  /// Section 3.5: texts say which distribution the sets are of.
  static let targetFeature: UInt32 = 1

  static let headerFixedBytes = 120
  static let headerMaximumBytes = 65_536
  static let fieldBytes = 16
  static let maximumFields = 8
  static let maximumTextBytes = 4096
  static let maximumKeyBytes = 64
  package static let blockHeaderBytes = 48
  /// Section 7: numbers in a full page of the index.
  package static let indexPageNumbers = 511
  package static let trailerBytes = 80

  static let maximumTokenVocabulary = 1 << 31
  static let maximumSampleVocabulary = 1 << 24
  static let maximumRecordBytes = 1 << 24
  static let maximumRecordsPerBlock = 1 << 16
  /// Positions, records, blocks and offsets stay below 2^62.
  static let maximumPosition = (1 << 62) - 1
  /// So that the number of a record in any block stays below 2^62.
  static let maximumBlocks = 1 << 46
  /// Section 5.4: blocks with more rounds cannot be packed.
  static let maximumPackedRounds = 65_535
  /// What a writer aims at for one block before compression.
  static let targetBlockBytes = 1 << 16

  /// Rounds up to a multiple of eight.
  static func aligned(_ count: Int) -> Int { (count + 7) & ~7 }
}
