import RefluxInterchange
import Testing

/// Reads a whole file as token ids.
private func ids(
  _ bytes: [UInt8], vocabularySize: Int = 1 << 24
) throws(InterchangeError) -> [UInt32] {
  let array = try NPYArray(parsing: bytes.span.bytes)
  return try array.ids(from: bytes.span.bytes, vocabularySize: vocabularySize)
}

/// A file of version 1 with this header text and payload.
private func file(_ header: String, payload: [UInt8] = []) -> [UInt8] {
  let text = Array(header.utf8)
  return [
    0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(text.count & 255), UInt8(text.count >> 8),
  ]
    + text + payload
}

private func encode(
  _ ids: [UInt32], _ elementType: NPYElementType
) throws(InterchangeError) -> [UInt8] {
  try NPYArray.encode(ids: ids.span, elementType: elementType)
}

@Suite struct NPYArrayTests {
  @Test func readsWhatNumPyWrote() throws {
    var read = 0
    for array in Reference.arrays where !array.values.isEmpty && array.name != "negative" {
      guard array.name != "fortran" else { continue }
      let parsed = try NPYArray(parsing: array.bytes.span.bytes)
      #expect(parsed.elementType.descriptor == array.descriptor)
      #expect(parsed.shape == array.shape)
      #expect(try ids(array.bytes) == array.values, "\(array.name)")
      read += 1
    }
    #expect(read == 22)
  }

  @Test func readsTheEmptyArray() throws {
    #expect(try ids(Reference.array("empty").bytes) == [])
  }

  @Test func readsAPartOfTheElements() throws {
    let bytes = Reference.array("two axes").bytes
    let array = try NPYArray(parsing: bytes.span.bytes)
    var ids: [UInt32] = [9, 9, 9, 9]
    var span = ids.mutableSpan
    try array.readIDs(2..<5, from: bytes.span.bytes, vocabularySize: 6, into: &span)
    #expect(ids == [2, 3, 4, 9])
  }

  @Test(arguments: [
    ("fortran", "the array's order is Fortran's"), ("floats", "the array's element type is '<f4'"),
    ("truth", "the array's element type is '|b1'"), ("objects", "the array's element type is '|O'"),
    ("structure", "the array's element type is a structure"),
  ])
  func namesWhatItDoesNotRead(_ name: String, _ start: String) {
    let error = #expect(throws: InterchangeError.self) { try ids(Reference.array(name).bytes) }
    #expect(error?.description.hasPrefix(start + ", which is not supported") == true)
  }

  @Test func namesTheElementThatIsNoID() {
    #expect(throws: InterchangeError.notAnID(index: 1, value: "-1", vocabularySize: 50257)) {
      try ids(Reference.array("negative").bytes, vocabularySize: 50257)
    }
    #expect(throws: InterchangeError.notAnID(index: 4, value: "4", vocabularySize: 4)) {
      try ids(Reference.array("two axes").bytes, vocabularySize: 4)
    }
    let large = file(
      "{'descr': '<u8', 'fortran_order': False, 'shape': (1,)}",
      payload: [UInt8](repeating: 255, count: 8))
    let error = #expect(throws: InterchangeError.self) { try ids(large) }
    #expect(
      error?.description
        == "element 0 is 18446744073709551615; expected token ids from 0 to 16777215")
  }

  @Test(arguments: [
    "{'shape': (1, 2), 'fortran_order': False, 'descr': '|u1'}",
    "{\"descr\": \"|u1\", \"fortran_order\": False, \"shape\": (2L,), }   \n",
    "{'descr':'|u1','fortran_order':True,'shape':(2,)}",
    " { 'descr' : '|u1' ,\n'fortran_order':False,'shape':( 2 , ) , } ",
  ])
  func readsEverySpellingOfAHeader(_ header: String) throws {
    #expect(try ids(file(header, payload: [4, 5])) == [4, 5])
  }

  @Test(arguments: [
    "", "{", "{}", "[]", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': False}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)",
    "{'descr': '|u1', 'fortran_order': no}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2)}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': 2}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'other': 1}",
    "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)} x",
    "{'descr: '|u1', 'fortran_order': False, 'shape': (2,)}",
  ])
  func refusesMalformedHeaders(_ header: String) {
    let error = #expect(throws: InterchangeError.self) { try ids(file(header, payload: [4, 5])) }
    guard case .malformed = error else {
      Issue.record("\(header): \(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["<u3", "u2", "<u", "=u2", "|u2", "<U2", "<c8", "", "<u22"])
  func refusesOtherTypes(_ descriptor: String) {
    let header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (2,)}"
    let error = #expect(throws: InterchangeError.self) { try ids(file(header)) }
    guard case .unsupported = error else {
      Issue.record("\(descriptor): \(String(describing: error))")
      return
    }
  }

  @Test func sizesBeyondAllBoundsAreRefused() {
    let axes = String(repeating: "4294967296, ", count: 3)
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(axes))}"
    let error = #expect(throws: InterchangeError.self) { try ids(file(header)) }
    guard case .tooLarge = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let ones = String(repeating: "1,", count: 65)
    let many = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(ones))}"
    #expect(throws: InterchangeError.self) { try ids(file(many, payload: [1])) }
    let long: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 2, 0, 1, 0, 1, 0, 0x7B]
    #expect(
      throws: InterchangeError.tooLarge(
        part: "the array's header", found: "65537 bytes", limit: 65536)
    ) { try ids(long) }
  }

  @Test func everyTruncationAndEveryExtraByteIsFound() {
    for name in ["<u2", "version 2", "version 3", "two axes"] {
      let bytes = Reference.array(name).bytes
      for count in 0..<bytes.count {
        #expect(throws: InterchangeError.self) { try ids(Array(bytes.prefix(count))) }
      }
      #expect(
        throws: InterchangeError.trailingBytes(
          expectedBytes: bytes.count, foundBytes: bytes.count + 1)
      ) { try ids(bytes + [0]) }
    }
  }

  @Test func everySingleByteChangeIsReadOrRefused() {
    let good = Reference.array("<i4").bytes
    for index in good.indices {
      for value in UInt8.min...UInt8.max {
        var bytes = good
        bytes[index] = value
        guard let array = try? NPYArray(parsing: bytes.span.bytes) else { continue }
        #expect(array.payload.upperBound == bytes.count)
        _ = try? ids(bytes)
      }
    }
  }

  @Test func textIsNoArray() {
    let error = #expect(throws: InterchangeError.self) { try ids(Array("hello world".utf8)) }
    #expect(error?.description == "not a .npy file: starts with other bytes")
  }
}

@Suite struct NPYEncodingTests {
  @Test func writesWhatNumPyWrites() throws {
    let values: [UInt32] = [0, 1, 2, 3, 4, 5]
    let version1 = Reference.array("version 1").bytes
    #expect(try encode(values, .uint16) == version1)
    #expect(try encode([], .uint16) == Reference.array("empty").bytes)
    let wide = Reference.array("<u4")
    #expect(try encode(wide.values, .uint32) == wide.bytes)
  }

  @Test func headersOfAnyLengthAreAligned() {
    for digits in 0..<19 {
      let count = (0..<digits).reduce(1) { product, _ in product * 10 }
      #expect(NPYArray.header(count: count, elementType: .uint32).count % 64 == 0)
    }
  }

  @Test func refusesIDsThatDoNotFit() {
    #expect(throws: InterchangeError.notAnID(index: 1, value: "65536", vocabularySize: 65536)) {
      try encode([65535, 65536], .uint16)
    }
    #expect(NPYArray.elementType(forVocabulary: 65536) == .uint16)
    #expect(NPYArray.elementType(forVocabulary: 65537) == .uint32)
  }
}
