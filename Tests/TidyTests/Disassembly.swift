import Foundation

/// The machine code of an object file, as a disassembler prints it.
struct Disassembly {
  struct Instruction {
    var address: Int
    var mnemonic: Substring
    var operands: Substring
    /// What a call calls, by the relocation after it.
    var symbol: Substring?
  }

  struct Function {
    var name: String
    var instructions: [Instruction] = []
  }

  private(set) var functions: [Function] = []

  /// Reads what `llvm-objdump -d -r --no-show-raw-insn` prints.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      if line.hasSuffix(">:"), let start = line.firstIndex(of: "<") {
        let name = line[line.index(after: start)...].dropLast(2)
        functions.append(Function(name: String(name)))
      } else if !functions.isEmpty {
        Self.read(line, into: &functions[functions.count - 1].instructions)
      }
    }
  }

  private static func read(_ line: Substring, into instructions: inout [Instruction]) {
    let fields = line.split(maxSplits: 2) { $0 == " " || $0 == "\t" }
    guard fields.count > 1, fields[0].last == ":", let address = number(fields[0].dropLast()) else {
      return
    }
    let rest = fields.count > 2 ? fields[2] : ""
    if fields[1].hasPrefix("R_") {
      let symbol = rest.prefix { $0 != "-" && $0 != "+" && $0 != "@" }
      if !instructions.isEmpty { instructions[instructions.count - 1].symbol = symbol }
    } else {
      instructions.append(
        Instruction(address: address, mnemonic: fields[1], operands: rest, symbol: nil))
    }
  }

  static func number(_ text: Substring) -> Int? {
    Int(text.hasPrefix("0x") ? text.dropFirst(2) : text, radix: 16)
  }
}

extension Disassembly.Function {
  /// The instructions of each loop that has no other one inside: from the target of a jump back to
  /// the jump.
  var innermostLoops: [ArraySlice<Disassembly.Instruction>] {
    let places = Dictionary(
      instructions.indices.map { (instructions[$0].address, $0) }, uniquingKeysWith: { a, _ in a })
    var loops: [ClosedRange<Int>] = []
    for (index, jump) in instructions.enumerated() where jump.mnemonic.first == "j" {
      let target = jump.operands.prefix { $0 != " " && $0 != "\t" }
      if let start = Disassembly.number(target).flatMap({ places[$0] }), start <= index {
        loops.append(start...index)
      }
    }
    let inner = loops.filter { loop in
      !loops.contains { $0 != loop && loop.contains($0.lowerBound) && loop.contains($0.upperBound) }
    }
    return inner.map { instructions[$0] }
  }
}
