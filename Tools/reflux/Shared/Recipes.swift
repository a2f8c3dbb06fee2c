import RefluxRecipes

extension Progress {
  /// Shows a recipe's work as this stage and passes on the wish to stop.
  var observer: RunObserver {
    RunObserver(
      advanced: { self.advance(by: $0) }, isInterrupted: { Interruption.isRequested })
  }
}

/// Runs a recipe that writes `output` whole or not at all; the wish to stop leaves as a failure
/// that says so.
func stoppable<Result>(
  output: String, _ recipe: () throws(RecipeError) -> Result
) throws(Failure) -> Result {
  do {
    return try recipe()
  } catch .interrupted {
    throw .interrupted(
      path: output, "nothing new is under this name; run the same command again to start over")
  } catch {
    throw Failure(error)
  }
}
