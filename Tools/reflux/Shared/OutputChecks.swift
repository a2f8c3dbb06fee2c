import RefluxFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Refuses an output that would replace a file which the same command reads.
///
/// The partial file counts too: writing `x.rfx` begins with `x.rfx.partial`.
func refuseOverwriting(_ inputs: [String], with output: String) throws(Failure) {
  let written = [output, output + AtomicFile.partialSuffix].map(resolved)
  for input in inputs where written.contains(resolved(input)) {
    throw Failure(
      path: input, "would be overwritten by the output \(output); name another output",
      exitCode: .usage)
  }
}

/// Refuses an output whose folder is not there, before any work is done for it.
func requireFolder(of output: String) throws(Failure) {
  let folder = FileSystem.folder(of: output)
  if FileSystem.isFolder(path: folder) { return }
  throw Failure(path: output, "there is no folder \(folder); create it or name another output")
}

/// The path without links and dots; as it is where nothing exists under it yet.
private func resolved(_ path: String) -> String {
  guard let whole = realpath(path, nil) else { return path }
  defer { free(whole) }
  return String(cString: whole)
}
