/// Places labels below each other so that none overlap.
package enum LabelColumn {
  /// Heights near the wanted ones, in the same order as given, at least `spacing` apart.
  ///
  /// Labels are pushed down in order of height, then up again from `bottom`; where there are more
  /// labels than room they leave through the top. Cost: O(n log n).
  package static func spread(_ wanted: [Double], spacing: Double, bottom: Double) -> [Double] {
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    var heights = wanted
    var last = -Double.infinity
    for index in order {
      heights[index] = max(wanted[index], last + spacing)
      last = heights[index]
    }
    var ceiling = bottom
    for index in order.reversed() {
      heights[index] = min(heights[index], ceiling)
      ceiling = heights[index] - spacing
    }
    return heights
  }
}
