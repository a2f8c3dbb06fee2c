import RefluxRecipes

extension Failure {
  /// Why nothing can be selected, with what helps on the command line.
  static func message(of error: SelectionError) -> String {
    switch error {
    case .noEntropy: "\(error); cache again with --record entropy"
    case .noContext, .packedWindows: "\(error) (--unit document)"
    case .infinite: "\(error) (--by)"
    default: "\(error)"
    }
  }
}
