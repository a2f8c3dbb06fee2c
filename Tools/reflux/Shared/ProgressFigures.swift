import RefluxBytes

/// The figures of one stage at one moment, and how they look.
struct ProgressFigures {
  /// What is being done: `tokenize`.
  var stage: String
  /// What is counted: `bytes`, `tokens`, `steps`.
  var unit: String
  /// The count at the end, where it is known.
  var total: Int?
  /// What was done before this run (a resumed stage): counts, but not for the rate.
  var start: Int
  var count: Int
  /// Seconds since the stage began.
  var seconds: Double
  /// Something of the verb's own at the end: `loss 3.21`.
  var note: String

  /// Units per second of this run, 0 before any time has passed.
  var rate: Double { seconds > 0 ? Double(count - start) / seconds : 0 }

  /// Share done, 0...1, where the total is known.
  var share: Double? {
    total.map { $0 > 0 ? min(1, max(0, Double(count) / Double($0))) : 1 }
  }

  /// `12.3 of 27.0 MB, 45%, 4.1 MB/s, 0:04 left, loss 3.21`.
  var line: String {
    "\(stage): " + parts.joined(separator: ", ")
  }

  /// What stays when the stage has ended: `tokenize: 27.0 MB in 0:06, 4.5 MB/s`.
  var summary: String {
    let done = Quantity.scaled(Double(count), unit: unit)
    let tail = note.isEmpty ? "" : ", \(note)"
    return "\(stage): \(done) in \(Quantity.duration(seconds)), \(rateText)\(tail)"
  }

  /// A bar that fits `width` columns; without room for it, the figures alone, without the counts
  /// (the percent says it too) where they do not fit, cut off.
  func bar(width: Int) -> String {
    let figures = parts.joined(separator: "  ")
    let room = width - 1 - stage.count - figures.count - 5
    guard let share, room >= 8 else {
      let isWhole = total == nil || stage.count + 2 + figures.count < width
      let shown = isWhole ? figures : parts.dropFirst().joined(separator: "  ")
      return String("\(stage)  \(shown)".prefix(max(0, width - 1)))
    }
    let cells = min(room, 40)
    let filled = Int((share * Double(cells)).rounded(.down))
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: cells - filled)
    return "\(stage) [\(bar)] \(figures)"
  }

  private var parts: [String] {
    let done = Quantity.scaled(Double(count), unit: unit)
    guard let total, let share else { return [done, rateText] + notes }
    let percent = "\(Int((share * 100).rounded(.down)))%"
    let all = Quantity.scaled(Double(total), unit: unit)
    let left = rate > 0 ? Double(max(0, total - count)) / rate : .nan
    return ["\(done) of \(all)", percent, rateText, Quantity.duration(left) + " left"] + notes
  }

  private var rateText: String { Quantity.scaled(rate, unit: unit) + "/s" }
  private var notes: [String] { note.isEmpty ? [] : [note] }
}
