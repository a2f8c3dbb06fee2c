import RefluxKernels
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxTargets
import Testing

/// A second head over the hidden states of one forward pass.
struct SideHeadTests {
  /// A pass over the stored batch of a family, whose losses are cross-entropies.
  private final class HeadPass<Element: Scalar> {
    private let stored: StoredFamily
    private let setup: ModelSetup<Element>
    private let pass: any GradientPass
    private let losses: [RowLoss]
    let side: SideHead
    private let arena = Arena()

    init(_ stored: StoredFamily, recomputes: Bool = false) throws {
      let (setup, arena): (ModelSetup<Element>, Arena) = (try stored.setup(), arena)
      (self.stored, self.setup) = (stored, setup)
      pass = setup.decoder.makeGradientPass(
        windows: stored.tokens.count / stored.window, window: stored.window,
        recomputes: recomputes, rowsTogether: 1)
      losses = (0..<setup.workers.count).map { _ in
        RowLoss.forwardKL(
          from: .label, vocabularySize: stored.configuration.vocabularySize, arena: arena)
      }
      side = SideHead(beside: setup.decoder)
      side.copyOwnHead()
    }

    func forward() {
      let tokens = stored.tokens
      pass.forward(tokens.span, documents: Span())
    }

    func differentiate(_ side: SideHead?, adds: Bool = false) -> Double {
      let (losses, labels) = (losses, stored.labels)
      return pass.differentiate(side, adds: adds) { rows, logits, worker in
        rows.enumerated().reduce(0) { sum, row in
          let target = RowTarget(label: labels[row.element])
          return sum + losses[worker].gradient(logits.row(row.offset), target, scale: 0.01).loss
        }
      }
    }

    /// The gradients of all parameters, and those of the model's own head.
    func backward() -> (all: [Float], head: [Float]) {
      pass.backward()
      let all = (0..<pass.gradients.count).map { pass.gradients[$0] }
      let (start, count) = (setup.decoder.table.head, side.weights.elements.count)
      return (all, Array(all[start..<start + count]))
    }

    var sideGradient: [Float] {
      let values = side.gradient.elements
      return (0..<values.count).map { values[$0] }
    }
  }

  @Test(arguments: StoredFamily.names)
  func aCopyHasTheGradientsOfTheOwnHead(name: String) throws {
    try expectCopy(name, Float.self)
    if Products.supportsBFloat16 { try expectCopy(name, BFloat16.self) }
  }

  private func expectCopy<Element: Scalar>(_ name: String, _: Element.Type) throws {
    let pass = try HeadPass<Element>(try StoredFamily(name))
    pass.forward()
    let loss = pass.differentiate(nil)
    let own = pass.backward()
    #expect(pass.differentiate(pass.side) == loss)
    let other = pass.backward()
    let head = pass.sideGradient
    // What the body has is the same; a tied head keeps what it has as an embedding.
    let start = own.all.count - own.head.count
    if Array(own.all[start...]) == own.head {
      #expect(Array(own.all[..<start]) == Array(other.all[..<start]))
      #expect(other.head.allSatisfy { $0 == 0 } && head == own.head)
    } else {
      #expect(Array(own.all[own.head.count...]) == Array(other.all[own.head.count...]))
      let largest = own.head.map(abs).max() ?? 0
      for place in head.indices {
        #expect(abs(own.head[place] - other.head[place] - head[place]) <= 1e-6 * largest)
      }
    }
  }

  @Test func addedLossesHaveTheSumOfBothGradients() throws {
    let pass = try HeadPass<Float>(try StoredFamily("llama3"))
    pass.forward()
    let loss = pass.differentiate(nil)
    let own = pass.backward()
    _ = pass.differentiate(pass.side)
    let other = pass.backward()
    #expect(pass.differentiate(nil) == loss)
    #expect(pass.differentiate(pass.side, adds: true) == loss)
    let both = pass.backward()
    let largest = both.all.map(abs).max() ?? 0
    for place in both.all.indices {
      #expect(abs(both.all[place] - own.all[place] - other.all[place]) <= 2e-6 * largest)
    }
  }

  /// A pass over activations that are computed again can be repeated, too.
  @Test(arguments: StoredFamily.names)
  func recomputingTwiceGivesTheSameBits(name: String) throws {
    let stored = try StoredFamily(name)
    let (kept, recomputed) = (
      try HeadPass<Float>(stored), try HeadPass<Float>(stored, recomputes: true)
    )
    let found = [kept, recomputed].map { pass in
      pass.forward()
      _ = pass.differentiate(nil)
      let first = pass.backward().all
      _ = pass.differentiate(pass.side)
      return first + pass.backward().all
    }
    #expect(found[0] == found[1])
  }
}
