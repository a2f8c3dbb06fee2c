#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Points in time as stores keep them: seconds since 1970 in UTC.
package enum Timestamp {
  /// The time of this machine's clock.
  package static var now: Int { time(nil) }

  /// `2026-11-21T12:53:23Z`; the bare seconds where no calendar holds them.
  package static func text(_ seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = unsafe tm()
    guard unsafe gmtime_r(&time, &parts) != nil else { return "\(seconds)" }
    func padded(_ value: Int32, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let day =
      unsafe [
        padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1, 2), padded(parts.tm_mday, 2),
      ]
    let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0, 2) }
    return day.joined(separator: "-") + "T" + clock.joined(separator: ":") + "Z"
  }
}
