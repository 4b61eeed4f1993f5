internal import PonsGrids
internal import PonsKit
internal import PonsTorch

/// Trains a 3D U-Net on volumes and masks.
///
/// Each step takes `batch` patches from random cases. Volumes are used as they come: normalise and resample them before. The
/// defaults are those of CLISC (Ma et al., ISBI 2025): patches of 128 voxels, SGD with momentum and polynomial decay.
struct UNetTrain: Stage {
  static let volume = Input<VolumeKind>("volume", .all, "normalised volumes, one channel")
  static let mask = Input<MaskKind>(
    "mask", .all, "what is to be found in them; every value but 0 is foreground", sameGrid: "volume"
  )
  static let envelope = Input<VolumeKind>(
    "envelope", .all,
    "volumes that the network is for beside those that it is trained on: its envelope covers them, too",
    optional: true, unjoined: true)
  static let model = Output<ModelKind>("model", .one, "the trained network")

  struct Parameters: StageParameters {
    var steps: Int
    var batch: Int
    var patch: [Int]
    var foreground: Double
    var channels: [Int]
    var stem_stride: Int
    var dropout: Double
    var loss: Loss
    var foreground_weight: Double
    var prior: Bool
    var optimizer: Kind
    var learning_rate: Double
    var momentum: Double
    var weight_decay: Double
    var warmup: Int
    var clip: Double
    var flips: Bool
    var turns: Bool
    var intensity: Double
    var min_cases: Int
    var min_dice: Double
    var checkpoint_every: Double

    enum Loss: String, Codable, Sendable, CaseIterable {
      case crossEntropy = "cross-entropy"
      case dice
      case both
    }
    enum Kind: String, Codable, Sendable, CaseIterable { case sgd, adamw }

    static let schema = [
      ParameterDescriptor(
        "steps", .integer, "how often the network is changed", defaultValue: 20_000, minimum: 1,
        maximum: 10_000_000),
      ParameterDescriptor(
        "batch", .integer, "patches of a step", defaultValue: 2, minimum: 1, maximum: 64),
      ParameterDescriptor(
        "patch", .array(.integer), "size of a patch: z, y, x", defaultValue: [128, 128, 128],
        unit: "voxels"),
      ParameterDescriptor(
        "foreground", .number, "share of the patches that are put around a voxel of the mask",
        defaultValue: 0.33, minimum: 0, maximum: 1),
      ParameterDescriptor(
        "channels", .array(.integer), "channels of each level, finest first",
        defaultValue: [16, 32, 64, 128, 256]),
      ParameterDescriptor(
        "stem_stride", .integer, "2 works at half the resolution inside, several times faster",
        defaultValue: 1, minimum: 1, maximum: 4),
      ParameterDescriptor(
        "dropout", .number, "probability of dropout behind each level of the encoder",
        defaultValue: 0.3, minimum: 0, maximum: 0.9),
      ParameterDescriptor(
        "loss", .string, "what is made small: cross-entropy, dice (1 - soft Dice), or their sum",
        defaultValue: "cross-entropy", allowed: Loss.allCases.map { .string($0.rawValue) }),
      ParameterDescriptor(
        "foreground_weight", .number,
        "how much more a voxel of the foreground counts in cross-entropy", defaultValue: 1,
        minimum: 0.01, maximum: 1000),
      ParameterDescriptor(
        "prior", .boolean,
        "begin with the foreground's share of all voxels as the answer everywhere",
        defaultValue: false),
      ParameterDescriptor(
        "optimizer", .string, "sgd or adamw", defaultValue: "sgd",
        allowed: Kind.allCases.map { .string($0.rawValue) }),
      ParameterDescriptor(
        "learning_rate", .number, "at the first step; falls with (1 - step / steps)^0.9",
        defaultValue: 0.01, minimum: 0, maximum: 10),
      ParameterDescriptor(
        "momentum", .number, "of sgd", defaultValue: 0.9, minimum: 0, maximum: 0.999),
      ParameterDescriptor(
        "weight_decay", .number, "pull of the weights towards 0", defaultValue: 1e-4, minimum: 0,
        maximum: 1),
      ParameterDescriptor(
        "warmup", .integer, "steps in which the learning rate rises from 0, before it falls",
        defaultValue: 0, minimum: 0, maximum: 1_000_000),
      ParameterDescriptor(
        "clip", .number, "largest norm of the gradient of a step, or 0 for any", defaultValue: 0,
        minimum: 0),
      ParameterDescriptor(
        "flips", .boolean, "flip patches at random along each axis", defaultValue: true),
      ParameterDescriptor(
        "turns", .boolean, "turn patches at random by quarter turns in the slice plane",
        defaultValue: true),
      ParameterDescriptor(
        "intensity", .number, "largest random change of contrast and brightness", defaultValue: 0,
        minimum: 0, maximum: 1),
      ParameterDescriptor(
        "min_cases", .integer, "fewer cases are refused", defaultValue: 1, minimum: 1,
        maximum: 1_000_000),
      ParameterDescriptor(
        "min_dice", .number,
        "a network whose Dice with the masks that it is trained on is less in the last steps has learned nothing, and is "
          + "refused", defaultValue: 0.02, minimum: 0, maximum: 1),
      CheckpointKeeper.every,
    ]
  }

  static let descriptor = StageDescriptor(
    id: "unet3d.train", version: "1", summary: "trains a 3D U-Net on volumes and masks",
    ports: [volume, mask, envelope, model], parameters: Parameters.schema, concurrency: .perProcess)

  private let parameters: Parameters
  private let configuration: UNet3D.Configuration

  init(_ parameters: Parameters, _ context: Context) throws {
    self.parameters = parameters
    configuration = UNet3D.Configuration(
      inputs: 1, classes: 2, channels: parameters.channels, dropout: parameters.dropout,
      stemStride: parameters.stem_stride)
    if !(1...8).contains(parameters.channels.count)
      || !parameters.channels.allSatisfy({ (1...4096).contains($0) })
    {
      throw StageFailure(
        .badParameter, "channels must be one to eight numbers from 1 to 4096, finest level first",
        parameter: "channels")
    }
    let multiple = configuration.multiple
    if parameters.patch.count != 3
      || !parameters.patch.allSatisfy({ $0 > 0 && $0 <= 1024 && $0 % multiple == 0 })
    {
      throw StageFailure(
        .badParameter,
        "patch must be three multiples of \(multiple) up to 1024 for \(parameters.channels.count) "
          + "levels and stem_stride \(parameters.stem_stride)", parameter: "patch")
    }
  }

  func process(_ context: Context) throws {
    TorchRuntime.setThreads(context.threads)
    var cohort = try TrainingCohort(
      context.inputs(Self.volume), context.inputs(Self.mask), patch: parameters.patch)
    try cohort.cover(context.inputs(Self.envelope))
    if cohort.count < parameters.min_cases {
      throw StageFailure(
        .badInput, code: "TOO_FEW_CASES",
        "there are \(cohort.count) cases to train on, expected at least \(parameters.min_cases)")
    }
    let generator = try Generator(seed: context.seed)
    let network = UNet3D(configuration, generator)
    try network.initialize(generator)
    if parameters.prior { try network.setPrior(cohort.foregroundShare) }
    try network.setTraining(true)
    let report = try train(network, cohort, generator, context)
    try network.setTraining(false)
    try send(network, cohort, report, context)
  }

  /// Trains the network. Goes on from a checkpoint when the call was interrupted before.
  private func train(
    _ network: UNet3D, _ cohort: TrainingCohort, _ generator: Generator, _ context: Context
  ) throws -> TrainingReport {
    let optimizer = makeOptimizer(network.trained.map(\.parameter))
    let schedule = Schedule.polynomial(total: parameters.steps, power: 0.9)
    let augmentation = Augmentation(
      flips: parameters.flips, turns: parameters.turns, intensity: parameters.intensity)
    var keeper = try CheckpointKeeper(context, every: parameters.checkpoint_every)
    var random = SplitMix64(seed: context.seed)
    var report = TrainingReport(steps: parameters.steps)
    if let checkpoint = keeper.latest, let last = TrainingReport(checkpoint.facts) {
      try checkpoint.restore(network, optimizer, ["all": generator])
      try network.setTraining(true)
      (report, random) = (last, SplitMix64(seed: last.random))
      context.log(.info, code: "RESUMED", "training goes on after step \(optimizer.steps)")
    }
    var clock = StepClock(total: parameters.steps, after: optimizer.steps, smooth: report.smooth)
    for step in optimizer.steps..<parameters.steps {
      let sample = try cohort.batch(
        parameters.batch, foreground: parameters.foreground, augmentation, &random)
      let warm = min(1, Double(step + 1) / Double(parameters.warmup + 1))
      optimizer.learningRate = parameters.learning_rate * schedule.factor(at: step) * warm
      try optimizer.zeroGradients()
      // A step of large patches takes seconds.
      try context.checkCancelled()
      let logits = try network(sample.images)
      let loss = try loss(logits, sample.classes)
      let value = try loss.item()
      if !value.isFinite {
        throw StageFailure(
          .internal, code: "DIVERGED",
          "training diverged: the loss of step \(step + 1) is \(value)",
          hint: "use a smaller learning_rate, or look for volumes that are not normalised")
      }
      if report.looks(at: step) { report.add(try Overlap(logits.detach(), sample.classes)) }
      try context.checkCancelled()
      try loss.backward()
      if parameters.clip > 0 { try optimizer.clipGradients(norm: parameters.clip) }
      try optimizer.step()
      if let smooth = clock.tick(value) {
        try context.progress(Double(step + 1) / Double(parameters.steps), clock.note(smooth))
      }
      report.note(clock.smooth, after: step)
      try keeper.keep {
        report.random = random.state
        return try Checkpoint(network, optimizer, ["all": generator], facts: report.facts)
      }
    }
    try report.check(atLeast: parameters.min_dice)
    return report
  }

  private func makeOptimizer(_ trained: [Parameter]) -> any Optimizer {
    switch parameters.optimizer {
    case .sgd:
      SGD(
        trained, learningRate: parameters.learning_rate, momentum: parameters.momentum,
        weightDecay: parameters.weight_decay)
    case .adamw:
      AdamW(
        trained, learningRate: parameters.learning_rate, weightDecay: parameters.weight_decay)
    }
  }

  private func loss(_ logits: Tensor, _ classes: Tensor) throws -> Tensor {
    switch parameters.loss {
    case .crossEntropy: try crossEntropy(logits, classes)
    case .dice: try softDice(logits, classes)
    case .both: try crossEntropy(logits, classes) + softDice(logits, classes)
    }
  }

  private func crossEntropy(_ logits: Tensor, _ classes: Tensor) throws -> Tensor {
    if parameters.foreground_weight == 1 { return try logits.crossEntropy(classes) }
    let weight = try Tensor.of([1, Float(parameters.foreground_weight)])
    return try logits.crossEntropy(classes, weight: weight)
  }

  private func send(
    _ network: UNet3D, _ cohort: TrainingCohort, _ report: TrainingReport, _ context: Context
  ) throws {
    let metadata: [String: JSON] = [
      "architecture": "unet3d", "settings": network.configuration.json,
      "window": .array(parameters.patch.map { .integer(Int64($0)) }),
      "labels": .array(cohort.labels.map(JSON.string)), "envelope": cohort.envelope.json,
      "digest": .string(try ModelDigest.of(network)),
      "training": [
        "cases": .integer(Int64(cohort.count)), "synthetic": .integer(Int64(cohort.synthetic)),
        "steps": .integer(Int64(parameters.steps)), "loss": .string(parameters.loss.rawValue),
        "loss_curve": .array(report.curve.map(JSON.number)),
        "dice_at_the_end": report.dice.map(JSON.number) ?? .null,
      ],
    ]
    try context.send(Self.model, network: network, metadata: metadata)
  }
}
