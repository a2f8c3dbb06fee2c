// The elementary functions (exp, log, cos, ...) of the system's mathematical library, for all who
// compute: those of Foundation are the same, and a program that links it for them is 19 MB larger.
#if canImport(Glibc)
  @_exported public import Glibc
#elseif canImport(Musl)
  @_exported public import Musl
#else
  @_exported public import Darwin
#endif
