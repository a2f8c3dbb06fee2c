/// Means over windows of rows that come in order, and how far they scatter.
struct WindowMeans: Sendable {
  private let window: Int
  private var sum = 0.0
  private var rows = 0
  private var windows = 0
  private var mean = 0.0
  private var squares = 0.0

  /// - Parameter window: rows of a window.
  init(window: Int) { self.window = window }

  /// Adds the value of the next row.
  mutating func add(_ value: Double) {
    sum += value
    rows += 1
    if rows < window { return }
    let (change, value) = (sum / Double(window) - mean, sum / Double(window))
    windows += 1
    mean += change / Double(windows)
    squares += change * (value - mean)
    (sum, rows) = (0, 0)
  }

  /// The standard error of the mean of all whole windows; nil for less than two.
  var errorOfMean: Double? {
    windows < 2 ? nil : (squares / Double(windows - 1) / Double(windows)).squareRoot()
  }
}
