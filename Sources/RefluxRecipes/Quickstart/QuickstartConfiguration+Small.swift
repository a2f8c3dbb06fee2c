internal import RefluxReport

extension QuickstartConfiguration {
  /// The sizes of `reflux quickstart --small`: the same stages in about a minute on two cores.
  ///
  /// Everything shrinks but the draws: text, vocabulary, windows, models and tokens. The teacher
  /// still sees twice the tokens of its students, which is what they can learn from it.
  public static func small(seed: UInt64 = 0) -> QuickstartConfiguration {
    var small = QuickstartConfiguration(seed: seed)
    small.textBytes = 4_000_000
    small.vocabularySize = 1024
    small.window = 128
    small.teacherTokens = 600_000
    small.studentTokens = 300_000
    small.teacher = Sizes(hidden: 128, intermediate: 344, layers: 4, heads: 2)
    small.student = Sizes(hidden: 64, intermediate: 172, layers: 2, heads: 1)
    small.heldOutTokens = 32_768
    return small
  }

  /// What the full sizes have more; nil where nothing was left out of the text.
  var sizeRemark: String? {
    guard textBytes != nil else { return nil }
    return "The small size, for a first look: \(sizes). The full one has all of the text,"
      + " \(QuickstartConfiguration().sizes): its losses are lower, and the methods further apart."
  }

  private var sizes: String {
    let number = { (value: Int) in Figure.fixed(Double(value), decimals: 0) }
    return "\(number(vocabularySize)) ids, windows of \(window) tokens, a teacher of "
      + "\(teacher.parameters(vocabularySize: vocabularySize)) on \(number(teacherTokens)) tokens,"
      + " students of \(student.parameters(vocabularySize: vocabularySize)) on"
      + " \(number(studentTokens))"
  }
}
