import RefluxLosses
import Testing

@testable import RefluxTraining

/// Which runs may resume as which, and what is said of those that may not.
@Suite struct RunIdentityTests {
  private func identity(_ changes: (String, String)...) -> RunIdentity {
    var text =
      "rskd batch=4 window=8 steps=200 rate=0.003 warmup=40 floor=0.1 decay=0.1 clip=1.0 seed=0"
      + " order=shuffled decaySteps=50 products=float32 student=0a tokens=0b samples=0c"
    for (old, new) in changes {
      #expect(text.contains(old))
      text = text.replacing(old, with: new)
    }
    return RunIdentity(text: text)
  }

  @Test func textsComeBack() {
    #expect(identity().text.hasPrefix("rskd batch=4 window=8 steps=200 "))
    #expect(identity().text.hasSuffix(" samples=0c"))
    #expect(RunIdentity(text: identity().text) == identity())
    #expect(identity()["loss"] == "rskd" && identity()["accumulation"] == "1")
  }

  @Test func differencesAreNamedAndNothingElse() {
    let other = identity(
      ("rskd ", "ce "), ("steps=200", "steps=220"), ("warmup=40", "warmup=44"),
      (" decaySteps=50", " accumulation=4 optimizer=muon"), ("samples=0c", "samples=0d"))
    #expect(
      identity().differences(from: other) == [
        "loss rskd, here ce", "steps 200, here 220", "warm-up steps 40, here 44",
        "decay steps 50, here none", "samples 0c, here 0d", "accumulation 1, here 4",
        "optimizer adamw, here muon",
      ])
    // An option at its default is said or left out.
    let said = identity((" products", " accumulation=1 temperature=1.0 alpha=1.0 products"))
    #expect(identity().differences(from: said) == [])
    #expect(identity().mayGoOn(as: said, atStep: 10))
    // Several stores have several values.
    let mixed = identity(("tokens=0b", "tokens=0b alpha=0.5 tokens=0e"))
    #expect(
      identity().differences(from: mixed) == ["tokens 0b, here 0b,0e", "alpha 1.0, here 0.5"])
  }

  /// Options of the loss may be called like settings of the run.
  @Test func optionsAreOfTheLoss() throws {
    let objective = try ObjectiveChoice("skew", options: ["alpha=0.3", "temperature=2"])
    #expect(objective.identity == "skew tail=bucket alpha=0.3")
    let line = TrainingConfiguration(objective: objective, steps: 200).identity
    #expect(line.hasPrefix("skew tail=bucket alpha=0.3 batch=16 "))
    #expect(line.contains(" temperature=2.0 alpha=1.0 "))
    let identity = RunIdentity(text: line)
    #expect(identity.text == line)
    #expect(identity["loss"] == "skew tail=bucket alpha=0.3" && identity["alpha"] == "1.0")
    let other = RunIdentity(text: line.replacing("alpha=0.3", with: "alpha=0.1"))
    #expect(
      identity.differences(from: other) == [
        "loss skew tail=bucket alpha=0.3, here skew tail=bucket alpha=0.1"
      ])
    #expect(!identity.mayGoOn(as: other, atStep: 0))
  }

  /// Checkpoints of before there were options stay those of the same run.
  @Test(arguments: ["ce", "rskd", "topk", "ghost", "smoothing", "naive", "fullkd"])
  func earlierNamesAreAsTheyWere(name: String) throws {
    #expect(try ObjectiveChoice(parsing: name).identity == name)
  }

  /// Peak until step 150 of 200; a run of more steps has the same rates so far.
  @Test func moreStepsGoOnWhereThePastIsTheSame() {
    let longer = identity(("steps=200", "steps=220"))
    #expect((0...150).allSatisfy { identity().mayGoOn(as: longer, atStep: $0) })
    #expect(!identity().mayGoOn(as: longer, atStep: 152))
    // A new decay from, here on, and none before it.
    let sooner = identity(("steps=200", "steps=120"), ("decaySteps=50", "decaySteps=20"))
    #expect(identity().mayGoOn(as: sooner, atStep: 100))
    #expect(!identity().mayGoOn(as: sooner, atStep: 102))
    #expect(!identity().mayGoOn(as: identity(("steps=200", "steps=90")), atStep: 100))
    // Another warm-up is another past, another floor is not.
    #expect(!identity().mayGoOn(as: identity(("warmup=40", "warmup=44")), atStep: 1))
    #expect(identity().mayGoOn(as: identity(("floor=0.1", "floor=0.0")), atStep: 150))
    #expect(!identity().mayGoOn(as: identity(("seed=0", "seed=1")), atStep: 0))
  }

  /// A cosine's rates depend on the steps from the start; so does a moving share of the target.
  @Test func whatDependsOnTheStepsDoesNotGoOn() {
    let cosine = identity((" decaySteps=50", ""))
    let longer = identity((" decaySteps=50", ""), ("steps=200", "steps=220"))
    #expect(cosine.mayGoOn(as: longer, atStep: 40))
    #expect(!cosine.mayGoOn(as: longer, atStep: 41))
    let moving = identity((" products", " alphaEnd=0.5 products"))
    let moved = identity((" products", " alphaEnd=0.5 products"), ("steps=200", "steps=220"))
    #expect(!moving.mayGoOn(as: moved, atStep: 1))
  }
}
