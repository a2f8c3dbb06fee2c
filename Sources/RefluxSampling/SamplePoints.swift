internal import RefluxRandom

/// Where a row's draws fall on the unit interval: `rounds` ascending fractions in (0, 1].
struct SamplePoints: Sendable {
  private(set) var fractions: [Double]
  private var unsorted: [Double]
  /// Per cell of width 1 / rounds, the place of its next fraction.
  private var places: [Int]

  init(rounds: Int) {
    fractions = Array(repeating: 0, count: rounds)
    unsorted = fractions
    places = Array(repeating: 0, count: rounds)
  }

  /// k - u over `rounds` for k in 1...rounds, with one uniform u in [0, 1) for all.
  mutating func fillSystematic(_ random: inout RandomStream) {
    let offset = random.nextUniform()
    let count = Double(fractions.count)
    for index in fractions.indices { fractions[index] = (Double(index + 1) - offset) / count }
  }

  /// Independent uniform fractions, sorted: first into their cells, then by insertion.
  mutating func fillIndependent(_ random: inout RandomStream) {
    let count = fractions.count
    for index in 0..<count { places[index] = 0 }
    for index in 0..<count {
      let fraction = 1 - random.nextUniform()
      unsorted[index] = fraction
      places[cell(of: fraction)] += 1
    }
    var start = 0
    for index in 0..<count { (places[index], start) = (start, start + places[index]) }
    for fraction in unsorted {
      let cell = cell(of: fraction)
      fractions[places[cell]] = fraction
      places[cell] += 1
    }
    sortByInsertion()
  }

  private func cell(of fraction: Double) -> Int {
    min(Int(fraction * Double(fractions.count)), fractions.count - 1)
  }

  /// Linear when elements are near their places, as they are here.
  private mutating func sortByInsertion() {
    for index in fractions.indices.dropFirst() {
      let value = fractions[index]
      var hole = index
      while hole > 0, fractions[hole - 1] > value {
        fractions[hole] = fractions[hole - 1]
        hole -= 1
      }
      fractions[hole] = value
    }
  }
}
