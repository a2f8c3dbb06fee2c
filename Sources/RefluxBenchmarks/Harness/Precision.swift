/// Format of the operands of matrix products; sums are float32 in both.
public enum Precision: String, CaseIterable, Sendable {
  case float32
  case bfloat16
}
