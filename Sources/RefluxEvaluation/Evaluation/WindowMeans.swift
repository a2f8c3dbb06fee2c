/// Values of positions that come window by window, and how far the windows' means scatter.
struct WindowMeans: Sendable {
  private var window = 0
  /// Of the window that is open.
  private var (sum, count) = (0.0, 0)
  private var windows = 0
  /// The mean of the first window: sums are taken from it, which loses no digits.
  private var origin = 0.0
  private var (deviations, counts) = (0.0, 0.0)
  private var (squares, products, squaredCounts) = (0.0, 0.0, 0.0)

  /// Adds the value of the next position that counts; windows ascend.
  mutating func add(_ value: Double, window: Int) {
    if window != self.window { close() }
    self.window = window
    sum += value
    count += 1
  }

  private mutating func close() {
    if count == 0 { return }
    let size = Double(count)
    if windows == 0 { origin = sum / size }
    let deviation = sum - origin * size
    windows += 1
    deviations += deviation
    counts += size
    squares += deviation * deviation
    products += deviation * size
    squaredCounts += size * size
    (sum, count) = (0, 0)
  }

  /// The standard error of the mean of all positions, windows being drawn as wholes; nil for less
  /// than two.
  ///
  /// With S_w and n_w the sum and the positions of window w, and m the mean of all:
  /// sqrt(W / (W - 1) sum_w (S_w - m n_w)^2) / sum_w n_w.
  var errorOfMean: Double? {
    var all = self
    all.close()
    if all.windows < 2 { return nil }
    let (windows, change) = (Double(all.windows), all.deviations / all.counts)
    let rest = all.squares - 2 * change * all.products + change * change * all.squaredCounts
    return (max(rest, 0) * windows / (windows - 1)).squareRoot() / all.counts
  }
}
