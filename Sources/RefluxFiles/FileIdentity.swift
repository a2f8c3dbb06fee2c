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
