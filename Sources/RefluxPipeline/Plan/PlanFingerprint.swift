/// A number that names the facts that were added to it, in their order.
struct PlanFingerprint {
  private(set) var value: UInt64 = 0x5265_666C_7578_506C

  mutating func add(_ number: UInt64) {
    var z = (value ^ number) &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    value = z ^ (z >> 31)
  }

  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

  mutating func add(_ text: String) {
    add(text.utf8.count)
    for byte in text.utf8 { add(UInt64(byte)) }
  }
}
