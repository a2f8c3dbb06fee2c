internal import RefluxKernels
internal import RefluxMemory
internal import RefluxModel

/// The matrix products of one step, nothing else.
///
/// For every weight W (n x k) and rows X: X W^T, G W and G^T X, each cut in as many parts as there
/// are workers.
@safe
struct StepProducts<Element: Scalar>: @unchecked Sendable {
  // Safe because: each worker has products of its own and writes to parts of its own.
  private struct Layer {
    var weights: Matrix<Element>
    var gradient: Matrix<Float>
    /// How often the product occurs in a step.
    var count: Int
  }

  private let rows: Int
  private let workers: Workers
  private let products: [Products]
  private let layers: [Layer]
  private let inputs: Matrix<Element>
  private let outputs: Matrix<Float>
  private let outputGradients: Matrix<Element>
  private let inputGradients: Matrix<Float>
  private let arena = Arena()

  init(_ c: TrainBenchmark.Configuration, workers: Workers) {
    let (arena, d, f) = (self.arena, c.width, c.intermediate)
    self.workers = workers
    rows = c.batch * c.window
    products = (0..<workers.count).map { _ in Products() }
    let shapes = [
      (3 * d, d, c.layers), (d, d, c.layers), (2 * f, d, c.layers), (d, f, c.layers),
      (c.vocabulary, d, 1),
    ]
    layers = shapes.map { n, k, count in
      Layer(
        weights: arena.takeMatrix(n, k), gradient: arena.takeMatrix(n, k), count: count)
    }
    let (most, wide) = (max(c.vocabulary, 2 * f, 3 * d), max(d, f))
    inputs = arena.takeMatrix(rows, wide)
    outputs = arena.takeMatrix(rows, most)
    outputGradients = arena.takeMatrix(rows, most)
    inputGradients = arena.takeMatrix(rows, wide)
    for matrix in layers.map(\.weights) + [inputs, outputGradients] {
      matrix.elements.fill(Element(rounding: 0.01))
    }
  }

  func run() -> UInt64 {
    for layer in layers {
      for _ in 0..<layer.count { multiply(layer) }
    }
    return UInt64(inputGradients.elements[0].bitPattern)
  }

  private func multiply(_ layer: Layer) {
    let (n, k, parts) = (layer.weights.rows, layer.weights.columns, workers.count)
    @Sendable func part(_ count: Int, _ index: Int) -> (start: Int, count: Int) {
      (index * count / parts, (index + 1) * count / parts - index * count / parts)
    }
    workers.run(parts) { index, worker in
      let (start, count) = part(rows, index)
      products[worker].multiply(
        inputs.rows(start, count).columns(0, k), layer.weights.transposed,
        into: outputs.rows(start, count).columns(0, n))
      products[worker].multiply(
        outputGradients.rows(start, count).columns(0, n), layer.weights,
        into: inputGradients.rows(start, count).columns(0, k))
    }
    workers.run(parts) { index, worker in
      let (start, count) = part(n, index)
      products[worker].multiply(
        outputGradients.columns(start, count).transposed, inputs.columns(0, k),
        into: layer.gradient.rows(start, count))
    }
  }
}
