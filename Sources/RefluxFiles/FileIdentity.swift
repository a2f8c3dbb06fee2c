#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Which file it is, whatever its names.
public struct FileIdentity: Hashable, Sendable {
  let device: dev_t
  let inode: ino_t

  init(device: dev_t, inode: ino_t) {
    self.device = device
    self.inode = inode
  }

  /// Of what lies under `path`, links followed; nil where nothing does.
  public init?(path: String) {
    guard let found = FileSystem.status(of: path)?.identity else { return nil }
    self = found
  }
}

extension stat {
  var identity: FileIdentity { FileIdentity(device: st_dev, inode: st_ino) }
}

/// When a file was last written to.
struct FileMoment: Equatable, Sendable {
  let seconds: Int
  let nanoseconds: Int
}

extension stat {
  var modified: FileMoment {
    #if canImport(Darwin)
      FileMoment(seconds: st_mtimespec.tv_sec, nanoseconds: st_mtimespec.tv_nsec)
    #else
      FileMoment(seconds: st_mtim.tv_sec, nanoseconds: st_mtim.tv_nsec)
    #endif
  }
}
