internal import RefluxJSON
internal import RefluxLosses
internal import RefluxMemory
internal import RefluxRandom
internal import RefluxSampling
internal import RefluxTargets

/// Drawing sample sets from teacher rows, beside the softmax statistics of the same rows.
///
/// What the rows mean: `softmax`: the largest logit and log sum e^x of each row, read only;
/// `multinomial`, `systematic`, `topk`: the statistics and the set. One thread.
public struct SamplingBenchmark: Benchmark {
  /// What is measured.
  public struct Configuration: BenchmarkConfiguration {
    /// Logits per row.
    public var vocabularies = [4096, 32_768, 131_072]
    /// Draws per row, or ids kept.
    public var rounds = [50]
    /// Rows of one run.
    public var rows = 128
    /// Standard deviation of the logits, which are normal: 5.5 gives 12 to 20 distinct ids in 50
    /// draws, as language models do; 3 gives 28 to 45.
    public var deviation = 5.5
    /// Runs that count, at least 1.
    public var runs = 21

    /// Whether there is something to measure.
    public var isMeasurable: Bool { rows >= 1 && runs >= 1 }

    /// The defaults.
    public init() {}
  }

  /// What is measured, and on what.
  public let configuration: Configuration
  /// Who is told what happens, and can stop it.
  public let observer: BenchmarkObserver

  /// Keeps both values and begins nothing.
  public init(configuration: Configuration, observer: BenchmarkObserver) {
    (self.configuration, self.observer) = (configuration, observer)
  }

  /// Measures everything.
  ///
  /// - Throws: also what the sampler says of the rounds.
  public func measure(_ each: (BenchmarkRow) throws -> Void) throws {
    for vocabulary in configuration.vocabularies {
      for rounds in configuration.rounds {
        observer.note("\(rounds) rounds from \(vocabulary) logits")
        let arena = Arena()
        let logits = rows(vocabulary, arena)
        var works: [(name: String, ids: Double?, work: () -> UInt64)] = [
          ("softmax", nil, statistics(logits))
        ]
        for estimator in Estimator.allCases {
          let work = try draws(estimator, rounds, logits)
          works.append((estimator.rawValue, Double(work()) / Double(logits.rows), work))
        }
        let seconds = try harness().take(works.map { Harness.Turn(prepare: {}, work: $0.work) })
        for (index, work) in works.enumerated() {
          var row = row(work.name, seconds[index], vocabulary, rounds)
          if let ids = work.ids {
            row.figures.add("ids_per_row", .number(ids))
            row.addOverhead(seconds[index], over: seconds[0])
          }
          try each(row)
        }
        withExtendedLifetime(arena) {}
      }
    }
  }

  /// Normal logits.
  private func rows(_ vocabulary: Int, _ arena: Arena) -> Matrix<Float> {
    let logits = arena.takeMatrix(configuration.rows, vocabulary, of: Float.self)
    for row in 0..<configuration.rows {
      var random = RandomStream(seed: 2, stream: UInt64(row))
      for id in 0..<vocabulary {
        logits.row(row)[id] = Float(configuration.deviation * random.nextNormal())
      }
    }
    return logits
  }

  private func statistics(_ logits: Matrix<Float>) -> () -> UInt64 {
    {
      var total: Float = 0
      for row in 0..<logits.rows { total += SoftmaxStatistics(logits.row(row)).logSumExp }
      return UInt64(total.bitPattern)
    }
  }

  private func draws(
    _ estimator: Estimator, _ rounds: Int, _ logits: Matrix<Float>
  ) throws -> () -> UInt64 {
    var sampler = try Sampler(
      configuration: .init(estimator: estimator, rounds: rounds), vocabularySize: logits.columns)
    return {
      var total: UInt64 = 0
      for row in 0..<logits.rows {
        // Rows of normal numbers have no logit that a sampler refuses.
        try? sampler.sample(logits: logits.row(row), position: UInt64(row))
        total += UInt64(sampler.ids.count)
      }
      return total
    }
  }

  private func row(
    _ name: String, _ seconds: [Double], _ vocabulary: Int, _ rounds: Int
  ) -> BenchmarkRow {
    BenchmarkRow(
      bench: name,
      parameters: [
        "vocabulary": .integer(vocabulary), "rows": .integer(configuration.rows),
        "rounds": .integer(rounds), "isa": .string(InstructionSet.best.name),
      ], timing: Timing(seconds))
  }
}
