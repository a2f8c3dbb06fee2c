import LearningSupport
import RefluxLosses
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// Options of the loss that change nothing with an objective, or mean something else.
@Suite struct IdleOptionTests {
  private let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func refusal(
    _ objective: ObjectiveName, shares: [Float?] = [nil],
    _ change: (inout TrainingConfiguration) -> Void
  ) -> String? {
    var configuration = setup.configuration(objective)
    change(&configuration)
    do throws(TrainingError) {
      try configuration.validate(shares: shares)
      return nil
    } catch { return "\(error)" }
  }

  @Test func temperaturesAreForTargetsThatHaveThem() {
    for objective in ObjectiveName.trained {
      #expect(refusal(objective) { $0.loss.temperature = 1 } == nil)
      let text = refusal(objective) { $0.loss.temperature = 3 }
      #expect(
        text
          == (objective != .ce
            ? nil
            : "temperature of 3.0 changes nothing: the loss 'ce' has no target beside the label;"
              + " leave it out"))
    }
    #expect(
      refusal(.pld) { $0.loss.temperature = 3 }
        == "temperature of 3.0 changes nothing: the loss 'pld' has no temperature; leave it out")
    let idle = refusal(.fullkd) { ($0.loss.temperature, $0.loss.distillation) = (2, 0) }
    #expect(idle?.hasPrefix("temperature of 2.0 changes nothing: alpha is 0") == true)
    #expect(
      refusal(.fullkd) {
        ($0.loss.temperature, $0.loss.distillation, $0.finalDistillation) = (2, 0, 1)
      } == nil)
  }

  @Test func labelsAloneHaveNoShare() {
    #expect(refusal(.ce) { $0.loss.distillation = 0.3 }?.contains("alpha of 0.3") == true)
    #expect(refusal(.ce) { $0.finalDistillation = 0.5 }?.contains("alpha at the end") == true)
    #expect(refusal(.ce, shares: [nil, 0.5]) { _ in } == nil)
    #expect(refusal(.ce) { ($0.loss.labelSmoothing, $0.loss.zLoss) = (0.1, 1e-4) } == nil)
  }

  @Test func smoothingNeedsALabelInTheLoss() {
    for objective in ObjectiveName.trained where objective != .ce {
      let text = refusal(objective) { $0.loss.labelSmoothing = 0.2 }
      #expect(
        text == "label smoothing of 0.2 changes nothing: alpha is 1, so that the label has no part"
          + " in the loss; leave it out")
      #expect(
        refusal(objective) { ($0.loss.labelSmoothing, $0.loss.distillation) = (0.2, 0.9) } == nil)
      #expect(
        refusal(objective) { ($0.loss.labelSmoothing, $0.finalDistillation) = (0.2, 0.9) } == nil)
      #expect(refusal(objective, shares: [nil, 0.9]) { $0.loss.labelSmoothing = 0.2 } == nil)
      #expect(refusal(objective, shares: [1, 1]) { $0.loss.labelSmoothing = 0.2 } != nil)
    }
  }

  @Test func sharesOfAllStoresLeaveNoneToTheRun() {
    #expect(refusal(.rskd, shares: [0.5, 0.25]) { _ in } == nil)
    let text = refusal(.rskd, shares: [0.5, 0.25]) { $0.loss.distillation = 0.75 }
    #expect(text?.hasPrefix("alpha of 0.75 changes nothing: each store has its own") == true)
    #expect(refusal(.rskd, shares: [0.5, nil]) { $0.loss.distillation = 0.75 } == nil)
  }

  /// The same T twice is one; two are a mistake.
  @Test func temperaturesOfLossAndRunAgree() throws {
    let objective = try ObjectiveChoice("fullkd", options: ["temperature=2"])
    #expect(
      TrainingConfiguration(objective: objective, steps: 1).loss.temperature == 2)
    func refusal(_ temperature: Double) -> String? {
      self.refusal(.fullkd) { ($0.objective, $0.loss.temperature) = (objective, temperature) }
    }
    #expect(refusal(2) == nil)
    #expect(refusal(3) == "temperature is 3.0, expected 2.0, which the loss says")
    #expect(refusal(1) == "temperature is 1.0, expected 2.0, which the loss says")
  }

  /// A target with the label in it leaves no share to the label.
  @Test func labelsHaveNoShareBesideThemselves() throws {
    let paper = ObjectiveChoice(.lbf)
    let code = try ObjectiveChoice("lbf", options: ["form=code"])
    let text = "contains the label; leave 'alpha' at 1"
    #expect(refusal(.pld) { $0.loss.distillation = 0.9 } == "the loss 'pld' " + text)
    #expect(refusal(.pld) { $0.finalDistillation = 0.9 } == "the loss 'pld' " + text)
    #expect(refusal(.pld, shares: [nil, 0.9]) { _ in } == "the loss 'pld' " + text)
    #expect(refusal(.pld, shares: [nil, 1]) { _ in } == nil)
    #expect(
      refusal(.lbf) { ($0.objective, $0.loss.distillation) = (paper, 0.9) }
        == "the loss 'lbf' " + text)
    #expect(refusal(.lbf) { ($0.objective, $0.loss.distillation) = (code, 0.9) } == nil)
  }

  @Test func objectivesOfNoVocabularyTrainNothing() {
    #expect(refusal(.kdRel) { _ in }?.contains("groups of classes, which a vocabulary has") == true)
    #expect(refusal(.llp) { _ in }?.contains("scores of links, not a vocabulary") == true)
  }

  /// A trainer refuses what its configuration does, and a T that its sets do not have: a student at
  /// T would learn T times the teacher's logits.
  @Test func trainersRefuseThem() throws {
    var configuration = setup.configuration(.rskd)
    configuration.loss.temperature = 2
    let error = #expect(throws: TrainingError.self) {
      _ = try setup.trainer("grouped", configuration)
    }
    #expect(
      error?.description
        == "temperature 2 needs a target at that temperature; the sets are at 1")
    configuration.loss.temperature = 1
    configuration.loss.labelSmoothing = 0.1
    #expect(throws: TrainingError.self) {
      _ = try setup.trainer("grouped", configuration)
    }
  }

  /// A decay that began before the peak would have none.
  @Test func decaysFitBehindTheWarmUp() {
    let (steps, warmup) = (setup.run.steps, setup.run.warmup)
    #expect(refusal(.ce) { $0.decaySteps = steps - warmup } == nil)
    let text = refusal(.ce) { $0.decaySteps = steps - warmup + 1 }
    #expect(
      text == "decay steps is \(steps - warmup + 1), expected 1...\(steps - warmup)")
  }
}
