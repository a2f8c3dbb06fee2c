import RefluxInterchange
import TestSupport
import Testing

/// Damaged arrays and tensors: each is read or refused, and nothing lies outside the file.
@Suite struct InterchangeFuzzTests {
  private func damage(_ good: [UInt8], _ random: inout TestRandom) -> [UInt8] {
    var bytes = good
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.removeLast(Int.random(in: 0..<bytes.count - place + 1, using: &random))
      default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: place)
      }
    }
    return bytes
  }

  @Test func damagedArraysAreReadOrRefused() throws {
    let good = try NPYArray.encode(ids: [1, 2, 3, 65535].span, elementType: .uint16)
    var random = TestRandom(seed: 31)
    for _ in 0..<20000 {
      let bytes = damage(good, &random)
      guard let array = try? NPYArray(parsing: bytes.span.bytes) else { continue }
      #expect(array.payload.upperBound == bytes.count)
      _ = try? array.ids(from: bytes.span.bytes, vocabularySize: 1 << 16)
    }
  }

  @Test func damagedTensorsAreReadOrRefused() throws {
    let good = try SafetensorsFile.encode(
      tensors: [
        (
          TensorDescription(name: "a", type: .f32, shape: [2, 2]), [UInt8](repeating: 1, count: 16)
        ),
        (TensorDescription(name: "b", type: .f16, shape: [3]), [UInt8](repeating: 2, count: 6)),
      ], metadata: ["format": "pt"])
    var random = TestRandom(seed: 32)
    for _ in 0..<20000 {
      let bytes = damage(good, &random)
      guard let file = try? SafetensorsFile(parsing: bytes.span.bytes) else { continue }
      #expect(file.byteCount == bytes.count)
      for tensor in file.tensors {
        #expect(tensor.bytes.upperBound <= bytes.count)
        _ = try? tensor.floats(from: bytes.span.bytes)
      }
    }
  }

  @Test func damagedIndicesAreReadOrRefused() {
    let good = Array(#"{"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}"#.utf8)
    var random = TestRandom(seed: 33)
    for _ in 0..<5000 {
      guard let index = try? SafetensorsIndex(json: damage(good, &random)) else { continue }
      #expect(index.files.allSatisfy { !$0.contains("/") })
    }
  }
}
