internal import RefluxFiles
internal import RefluxInterchange
public import RefluxLosses
internal import RefluxTargets

/// Arrays in, an objective by the book out; nothing is trained.
///
/// Arrays are `.npy` files, safetensors files with a tensor of the array's name (or one tensor), or
/// lists of JSON. Numbers are float16, bfloat16 (safetensors), float32 or float64.
public struct ObjectiveRecipe: Sendable {
  /// What is computed; its options `table` and `groups` name files.
  public var objective: ObjectiveChoice
  /// Logits of the student, [rows, V].
  public var student: String
  /// Logits of the teacher, [rows, V].
  public var teacher: String?
  /// Sets of ids in place of the teacher's logits.
  public var targets: String?
  /// The label of each row; -1 and -100 are those of rows that do not count.
  public var labels: String?
  /// What each row counts in the mean.
  public var weights: String?
  /// For `llp`: scores of known links, and 1 or 0 for each.
  public var edges: String?
  public var edgeLabels: String?
  /// Where the gradient goes: a `.npy` array of float64, [rows, V].
  public var gradient: String?

  /// Nothing is opened before the recipe runs.
  public init(_ objective: ObjectiveChoice, student: String) {
    (self.objective, self.student) = (objective, student)
  }

  /// Reads the arrays and computes.
  ///
  /// - Throws: `file`, `emptyFile` and `foreign` with the path of an array; `objective` where the
  ///   arrays do not fit the objective or each other.
  /// - Complexity: all arrays in float64 in memory; time as ``LossReference/evaluate(_:_:)``.
  public func run() throws(RecipeError) -> ObjectiveOutcome {
    let input = try input()
    let result = try computed { () throws(ObjectiveError) in
      try LossReference.evaluate(objective, input)
    }
    let kernel: ObjectiveKernel?
    do { kernel = try ObjectiveKernel(objective, input) } catch {
      throw .other(path: student, "\(error)")
    }
    if let gradient { try write(result.gradient, to: gradient) }
    return ObjectiveOutcome(
      result: result, links: try links(input), kernelLoss: kernel?.loss,
      kernelDifference: kernel.map { Self.difference($0.gradient, result.gradient) })
  }

  /// Runs `body`; an error in an array names its file.
  private func computed<Result>(
    _ body: () throws(ObjectiveError) -> Result
  ) throws(RecipeError) -> Result {
    do { return try body() } catch {
      throw .objective(path: error.isOfOptions ? nil : file(of: error.array), error)
    }
  }

  private func file(of array: String?) -> String? {
    switch array {
    case "the student": student
    case "the labels": labels
    case "the weights": weights
    case "the labels or weights": labels ?? weights
    case "the table": objective.word("table")
    case "the edges": edges
    case "the labels of edges": edgeLabels
    default: targets ?? teacher ?? student
    }
  }

  private func input() throws(RecipeError) -> ReferenceInput {
    var input = ReferenceInput(student: try NumberFile(path: student).rows(named: "student"))
    if let labels { input.labels = try NumberFile(path: labels).integers(named: "labels") }
    if let weights {
      input.weights = try NumberFile(path: weights).numbers(named: "weights").values
    }
    if let targets {
      input.target = try SetFile(path: targets).target()
    } else if let teacher {
      input.target = .dense(try NumberFile(path: teacher).rows(named: "teacher"))
    }
    if let table = objective.word("table") {
      input.table = try NumberFile(path: table).rows(named: "table")
    }
    if let groups = objective.word("groups") {
      input.groups = try NumberFile(path: groups).integers(named: "groups")
    }
    return input
  }

  private func links(_ input: ReferenceInput) throws(RecipeError) -> ReferenceLinks? {
    if objective.name != .llp { return nil }
    let scores = try edges.map { path throws(RecipeError) in
      try NumberFile(path: path).numbers(named: "edges").values
    }
    let labels = try edgeLabels.map { path throws(RecipeError) in
      try NumberFile(path: path).integers(named: "edge_labels")
    }
    return try computed { () throws(ObjectiveError) in
      try LossReference.links(objective, input, edges: scores, labels: labels)
    }
  }

  /// The largest difference of two numbers at the same place.
  private static func difference(_ one: [[Double]], _ other: [[Double]]) -> Double {
    zip(one, other).reduce(0) { largest, rows in
      // What is no number differs from everything.
      zip(rows.0, rows.1).reduce(largest) { largest, pair in
        let gap = abs(pair.0 - pair.1)
        return gap.isNaN || largest.isNaN ? .nan : max(gap, largest)
      }
    }
  }

  private func write(_ rows: [[Double]], to path: String) throws(RecipeError) {
    do throws(FileError) {
      try FileSystem.writeFile(path: path, bytes: NPYFloats.encode(rows: rows))
    } catch { throw .file(path: path, error) }
  }
}
