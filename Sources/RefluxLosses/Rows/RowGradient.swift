internal import RefluxMemory

/// What an objective makes of a row, with q the softmax of the set's ids and Q that of the others:
/// dL/dz_i = inside q_i - share y_i on the set, outside Q_j + offset elsewhere.
struct RowGradient {
  /// L in nats, without factors of the temperature.
  var loss = 0.0
  var inside = 0.0
  var outside = 0.0
  /// Of every id.
  var offset = 0.0
  /// y and its factor.
  var y: View<Float>
  var share = 1.0
  /// What q_i is of: all ids, unless the label stands apart.
  var softmax: RowSoftmax
  /// dL/dz of the label where it stands apart from the set's rule.
  var label: Double?
  /// Whether a bound of the objective changed the row's target.
  var isCapped = false

  init(_ y: View<Float>, _ softmax: RowSoftmax) { (self.y, self.softmax) = (y, softmax) }
}
