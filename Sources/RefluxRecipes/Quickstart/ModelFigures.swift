internal import Foundation
internal import RefluxEvaluation
internal import RefluxFiles
internal import RefluxReport
internal import RefluxTargets

/// What was measured of one trained model of the quickstart; kept beside it, so that a run that
/// resumes need not measure again. How its training went stands in the log beside it.
struct ModelFigures: Codable, Sendable {
  struct Bin: Codable, Sendable {
    var confidence: Double
    var accuracy: Double
    var weight: Double
  }

  var lmLoss: Double
  var ecePercent: Double
  var acceptancePercent: Double?
  var topOnePercent: Double
  var bins: [Bin]

  init(_ report: EvaluationReport) {
    lmLoss = report.lmLoss
    ecePercent = report.ecePercent
    acceptancePercent = report.acceptancePercent
    topOnePercent = report.calibration.accuracyPercent
    bins = report.calibration.bins.filter { $0.count > 0 }.map { bin in
      Bin(
        confidence: bin.confidence / Double(bin.count),
        accuracy: Double(bin.correct) / Double(bin.count), weight: Double(bin.count))
    }
  }
}

/// Small values as JSON files, replaced whole.
enum JSONFile {
  static func load<Value: Decodable>(_ type: Value.Type, _ path: String) -> Value? {
    guard let bytes = try? FileSystem.readFile(path: path, as: .notes) else { return nil }
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

/// A trained model of the quickstart, as its report shows it.
struct QuickstartModel {
  /// Folder and key of the results.
  var name: String
  /// What it learned from; nil for the teacher.
  var objective: ObjectiveName?
  /// As readers see it.
  var title: String
  var figures: ModelFigures
  /// What its training logged.
  var metrics: RunMetrics
}
