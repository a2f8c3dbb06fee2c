internal import Foundation
internal import RefluxFiles
internal import RefluxReport
internal import RefluxTraining

/// What is known of one trained model of the quickstart; kept beside it, so that a run that goes on
/// need not measure again.
struct ModelFigures: Codable, Sendable {
  struct Bin: Codable, Sendable {
    var confidence: Double
    var accuracy: Double
    var weight: Double
  }

  struct Point: Codable, Sendable {
    var tokens: Int
    var loss: Double
  }

  var lmLoss: Double
  var ecePercent: Double
  var acceptancePercent: Double?
  var topOnePercent: Double
  var tokensPerSecond: Double
  var dataWaitPercent: Double
  var bins: [Bin]
  var curves: TrainingCurves

  init(_ report: EvaluationReport, _ curves: TrainingCurves) {
    lmLoss = report.lmLoss
    ecePercent = report.ecePercent
    acceptancePercent = report.acceptancePercent
    topOnePercent = report.calibration.accuracyPercent
    tokensPerSecond = curves.tokensPerSecond
    dataWaitPercent = curves.dataWaitPercent
    bins = report.calibration.bins.filter { $0.count > 0 }.map { bin in
      Bin(
        confidence: bin.confidence / Double(bin.count),
        accuracy: Double(bin.correct) / Double(bin.count), weight: Double(bin.count))
    }
    self.curves = curves
  }
}

/// Losses over a run of training, and what it cost.
struct TrainingCurves: Codable, Sendable {
  var training: [ModelFigures.Point] = []
  var heldOut: [ModelFigures.Point] = []
  var seconds = 0.0
  var waitSeconds = 0.0

  var tokensPerSecond: Double { Double(training.last?.tokens ?? 0) / max(seconds, 1e-9) }
  var dataWaitPercent: Double { 100 * waitSeconds / max(seconds, 1e-9) }

  mutating func add(_ report: StepReport, tokensPerStep: Int) {
    training.append(.init(tokens: report.tokens, loss: report.loss))
    let step = Double(tokensPerStep) / report.tokensPerSecond
    seconds += step
    waitSeconds += step * report.dataWaitPercent / 100
  }

  /// Forgets what came after a checkpoint.
  mutating func rewind(to tokens: Int) {
    let known = Double(training.count)
    training.removeAll { $0.tokens > tokens }
    heldOut.removeAll { $0.tokens > tokens }
    let kept = known == 0 ? 0 : Double(training.count) / known
    seconds *= kept
    waitSeconds *= kept
  }
}

/// Small values as JSON files, replaced whole.
enum JSONFile {
  static func load<Value: Decodable>(_ type: Value.Type, _ path: String) -> Value? {
    guard FileSystem.exists(path: path), let bytes = try? FileSystem.readFile(path: path) else {
      return nil
    }
    return try? JSONDecoder().decode(type, from: Data(bytes))
  }

  static func save(_ value: some Encodable, _ path: String) throws(RecipeError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { return }
    do throws(FileError) { try FileSystem.writeFile(path: path, bytes: [UInt8](data)) } catch {
      throw .file(path: path, error)
    }
  }
}
