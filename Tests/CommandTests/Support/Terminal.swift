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

  /// Everything that was written; call it when the writer is gone.
  ///
  /// The slave stays open until half a second passes without output: when the last writer closes,
  /// Linux may drop what it has not handed over yet.
  func everything() throws -> String {
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    var text: [UInt8] = []
    while true {
      var request = pollfd(fd: master.fileDescriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, 500)
      if ready < 0 && errno == EINTR { continue }
      if ready <= 0 { break }
      let count = read(master.fileDescriptor, &bytes, bytes.count)
      if count > 0 { text += bytes[..<count] } else if errno != EINTR { break }
    }
    try slave.close()
    return String(decoding: text, as: UTF8.self)
  }
}
