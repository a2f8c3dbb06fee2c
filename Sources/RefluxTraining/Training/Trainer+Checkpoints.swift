internal import RefluxBytes
internal import RefluxPipeline

extension Trainer {
  /// Begins a new run with the weights and moments of another run's checkpoint, at step 0 of its
  /// own plan and schedule; to be called before ``restoreCheckpoint()``.
  ///
  /// The moments keep their age, so that the first steps are not enlarged. Which checkpoint it was
  /// belongs to what the run is.
  ///
  /// - Throws: `startingCheckpoint` where it is not one of this model and optimizer, `file`.
  public func start(fromCheckpoint path: String) throws(TrainingError) {
    precondition(step == 0, "a run starts before its first step")
    var hash = ""
    let own = identity["optimizer"]
    let state: Checkpoint.State
    do throws(TrainingError) {
      state = try Checkpoint.restore(engine, from: path) {
        (state, values) throws(TrainingError) in
        let found = state.identity["optimizer"]
        if found != own {
          throw .startingCheckpoint(found: "its optimizer is \(foreign: found), the run's \(own)")
        }
        if state.identity.hasSecondHead != identity.hasSecondHead {
          let words =
            identity.hasSecondHead
            ? "has no second head, the run one" : "has a second head, the run none"
          throw .startingCheckpoint(found: "it \(words)")
        }
        hash = values
      }
    } catch {
      guard case .damagedCheckpoint(let found) = error else { throw error }
      throw .startingCheckpoint(found: found)
    }
    earlierSteps = state.earlierSteps + state.step
    identity = RunIdentity(text: identity.text + " from=\(hash)")
  }

  /// Resumes from the checkpoint at ``checkpointPath``, if there is one.
  ///
  /// It must be one of this run, or of one that is this run so far: with a schedule whose rates to
  /// come differ, and none of those before.
  ///
  /// - Returns: whether there was one.
  /// - Throws: `checkpointOfOtherRun`, before anything is changed; `damagedCheckpoint`, `file`.
  public func restoreCheckpoint() throws(TrainingError) -> Bool {
    guard let checkpointPath, Checkpoint.exists(at: checkpointPath) else { return false }
    let identity = identity
    let state = try Checkpoint.restore(engine, from: checkpointPath) {
      (state, _) throws(TrainingError) in
      if !state.identity.mayGoOn(as: identity, atStep: state.step) {
        throw .checkpointOfOtherRun(state.identity.differences(from: identity))
      }
      if let position = state.position { try check(position, ofStep: state.step) }
    }
    take(state)
    return true
  }

  /// Refuses a place that no checkpoint of this run has.
  private func check(_ position: FeedPosition, ofStep step: Int) throws(TrainingError) {
    guard position.step == configuration.accumulation * step else {
      throw .damagedCheckpoint(found: "its position is not that of its step \(step)")
    }
    do throws(FeedError) {
      try plan.check(position)
    } catch .configuration(let field, let found, let expected) {
      throw .damagedCheckpoint(
        found: "\(field) is \(found), expected \(expected.lowerBound)...\(expected.upperBound)")
    } catch {
      throw .feed(error)
    }
  }
}
