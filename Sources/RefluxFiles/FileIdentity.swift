#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Which file it is, whatever its names.
struct FileIdentity: Hashable, Sendable {
  let device: dev_t
  let inode: ino_t
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
