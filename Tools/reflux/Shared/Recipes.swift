import RefluxRecipes

extension Progress {
  /// Shows a recipe's work as this stage and passes on the wish to stop.
  var observer: RunObserver {
    RunObserver(
      advanced: { self.advance(by: $0) }, isInterrupted: { Interruption.isRequested })
  }
}

/// Runs a recipe; the wish to stop leaves as a failure that says how to resume.
func stoppable<Result>(
  at path: String?, _ hint: String, _ recipe: () throws -> Result
) throws(Failure) -> Result {
  do { return try recipe() } catch RecipeError.interrupted {
    throw .interrupted(path: path, hint)
  } catch {
    throw Failure(error)
  }
}

/// Runs a recipe that writes `output` whole or not at all.
func stoppable<Result>(
  output: String, _ recipe: () throws(RecipeError) -> Result
) throws(Failure) -> Result {
  try stoppable(
    at: output, "nothing new is under this name; run the same command again to start over", recipe)
}
