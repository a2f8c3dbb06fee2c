internal import RefluxFiles
internal import RefluxLosses
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxStorage
internal import RefluxTargets
internal import RefluxTraining

/// What a training reads, but for the models' weights, and the configuration that follows from it.
struct TrainInputs {
  let stores: FeedStores
  let outputs: TrainOutputs
  let student: DecoderConfiguration
  let configuration: TrainingConfiguration
  let plan: FeedPlan
  private let settings: TrainSettings

  init(_ recipe: TrainRecipe) throws(RecipeError) {
    settings = recipe.settings
    var stores = try FeedStores(settings.data)
    outputs = TrainOutputs(recipe, reading: stores.paths)
    try outputs.check()
    student =
      if let sizes = recipe.newStudent { sizes } else { try Self.sizes(settings.student) }
    let window =
      settings.window ?? stores.context ?? ModelInputs.window(nil, sizes: student)
    var found = try Self.configuration(settings, &stores, window)
    found.configuration.similarities = try settings.table.map {
      [student] path throws(RecipeError) in
      try NumberFile(path: path).similarities(vocabularySize: student.vocabularySize)
    }
    (configuration, plan) = found
    self.stores = stores
  }

  /// What is asked for and changes nothing.
  var notes: [RecipeNote] {
    let objective = configuration.objective.name
    let isIdle = objective == .ce && stores.sources.contains { $0.alpha != nil }
    let alpha = isIdle ? [RecipeNote.idleAlpha(path: settings.data.name, objective)] : []
    return alpha + settings.idleInputs(configuration.kind)
  }

  /// The teacher that is run beside the student; others only have a tokenizer.
  var teacher: String? {
    configuration.kind == .dense ? settings.teacher : nil
  }

  private static func sizes(_ student: String) throws(RecipeError) -> DecoderConfiguration {
    if FileSystem.isFolder(path: student) { return try ModelInputs.configuration(student) }
    if !FileSystem.exists(path: student), !student.hasSuffix(".json"),
      let reason = ModelFolder.lack(at: student)
    {
      throw .learning(path: student, .noModel(reason: reason))
    }
    return try naming(student) { try ModelFolder.configuration(at: student) }
  }

  private static func configuration(
    _ settings: TrainSettings, _ stores: inout FeedStores, _ window: Int
  ) throws(RecipeError) -> (configuration: TrainingConfiguration, plan: FeedPlan) {
    var configuration = settings.configuration(window: window, steps: settings.steps ?? 1)
    settings.data.apply(to: &configuration.feed, stored: stores.packing)
    let plan = try stores.plan(&configuration.feed)
    if settings.steps == nil {
      let feed = configuration.feed
      configuration = settings.configuration(
        window: window, steps: try steps(settings, stores, plan))
      configuration.feed = feed
    }
    do { try configuration.validate(shares: stores.sources.map(\.alpha)) } catch {
      throw .trainingSettings(error)
    }
    configuration.kind = try kind(configuration, settings, stores)
    return (configuration, plan)
  }

  /// What the loss is learned from: the sets, where they fit it, or the teacher.
  private static func kind(
    _ configuration: TrainingConfiguration, _ settings: TrainSettings, _ stores: FeedStores
  ) throws(RecipeError) -> TargetKind {
    var configuration = configuration
    let objective = configuration.objective.at(temperature: configuration.loss.temperature)
    let sets = stores.sources.compactMap { $0.samples?.facts }
    if settings.teacher == nil, objective.name.entry.kinds.contains(where: \.isOfSets) {
      try naming(settings.data.name) { try configuration.check(blend: stores.sources) }
    }
    do throws(ObjectiveError) {
      configuration.kind = try objective.kind(
        sets: sets.first, hasTeacher: settings.teacher != nil)
      try configuration.check(sets: configuration.kind.isOfSets ? sets : [])
      return configuration.kind
    } catch {
      let path = settings.data.samples ?? settings.data.name
      if case .noTarget(let name) = error {
        throw .training(path: path, .missing(what: "sample stores", objective: name))
      }
      throw .objective(path: error.isOfSets ? path : nil, error)
    }
  }

  /// The steps of the epochs that were asked for, or that the mix says.
  private static func steps(
    _ settings: TrainSettings, _ stores: FeedStores, _ plan: FeedPlan
  ) throws(RecipeError) -> Int {
    let name = settings.data.name
    if settings.epochs == nil, !stores.saysEpochs { throw .learning(path: name, .noLength) }
    let epochs = settings.epochs ?? 1
    let steps = plan.steps(
      epochs: stores.epochs.map { epochs * $0 }, batches: settings.training.accumulation)
    if steps < 1 {
      throw .learning(
        path: name,
        .lessThanAStep(epochs: epochs, windows: plan.windowCount, window: plan.window))
    }
    return steps
  }
}
