/// Arithmetic that goes one number at a time where it should go by vectors: what a compiler leaves
/// of a SIMD operation that it has no instruction for, or does not know to be one.
enum ScalarLoops {
  private static let operations: Set<Substring> = ["sqrtss", "sqrtsd", "divss", "mulss"]
  private static let library: Set<Substring> = [
    "exp", "exp2", "expm1", "log", "log2", "log1p", "pow", "sqrt", "tanh", "erf", "erfc", "sin",
    "cos", "sincos", "fma", "floor", "ceil", "round", "rint", "nearbyint", "trunc",
  ]

  /// The scalar operations and calls of the mathematical library in a function's innermost loops.
  ///
  /// A loop over what is left after one with the same operation on vectors is none of them. In
  /// kernels neither is there a call that is not known before it is made: a generic function that
  /// was not compiled for its number format asks for every sixteen numbers that way.
  static func found(in function: Disassembly.Function, ofKernels: Bool) -> Set<String> {
    let instructions = function.innermostLoops.joined()
    let packed = Set(instructions.map { plain($0.mnemonic) }.filter { $0.hasSuffix("ps") })
    var found: Set<String> = []
    for instruction in instructions {
      let operation = plain(instruction.mnemonic)
      if isScalar(operation), !packed.contains(operation.dropLast(2) + "ps") {
        found.insert(String(operation))
      }
      if ofKernels && operation.hasPrefix("call") && instruction.operands.first == "*" {
        found.insert("indirect call")
      }
      if operation.hasPrefix("call"), let name = instruction.symbol, isMathematical(name) {
        found.insert(String(name))
      }
    }
    return found
  }

  /// Without the mark of three operands.
  private static func plain(_ mnemonic: Substring) -> Substring {
    mnemonic.first == "v" ? mnemonic.dropFirst() : mnemonic
  }

  private static func isScalar(_ operation: Substring) -> Bool {
    operations.contains(operation)
      || operation.hasSuffix("ss") && (operation.hasPrefix("fm") || operation.hasPrefix("fnm"))
  }

  private static func isMathematical(_ name: Substring) -> Bool {
    library.contains(name) || name.last == "f" && library.contains(name.dropLast())
  }
}
