/// What the store is to reach on one core of a server of 2024, printed beside what it does reach.
enum StoreGoals {
  /// Packed file bytes, everything counted, over the three bytes per id of the paper's packing.
  static let ratioToPaper = 0.65
  /// Packed file bytes, everything counted, over the order-0 entropy of the sets.
  static let ratioToEntropy = 1.3
  static let randomTokensPerSecond = 100_000.0
  static let writeMegabytesPerSecond = 300.0
  /// Opening a store of 1 TB.
  static let openMilliseconds = 50.0
  static let openMemoryBytes = 64 << 20

  static func decodedTokensPerSecond(_ form: StoreForm) -> Double {
    form.encoding == .packed ? 12e6 : 25e6
  }
}
