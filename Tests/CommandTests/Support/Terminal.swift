import Foundation

/// A pseudo-terminal whose screen a test can read.
final class Terminal {
  /// The end that the program writes to.
  let slave: FileHandle
  private let master: FileHandle

  init(columns: UInt16) throws {
    var (masterEnd, slaveEnd): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&masterEnd, &slaveEnd, nil, nil, &size) == 0 else {
      throw POSIXError(.init(rawValue: errno) ?? .EIO)
    }
    master = FileHandle(fileDescriptor: masterEnd, closeOnDealloc: true)
    slave = FileHandle(fileDescriptor: slaveEnd, closeOnDealloc: true)
  }

  /// Everything that was written, once no writer is left.
  func everything() throws -> String {
    try slave.close()
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    var text: [UInt8] = []
    while true {
      // At the end of a terminal Linux says EIO, others say 0.
      let count = read(master.fileDescriptor, &bytes, bytes.count)
      if count <= 0 { return String(decoding: text, as: UTF8.self) }
      text += bytes[..<count]
    }
  }
}
