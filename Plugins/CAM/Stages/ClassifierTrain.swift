internal import PonsKit
internal import PonsTorch

/// Trains a classifier of slices on labels of slices, so that maps of what it looks at can be made.
///
/// The defaults are those of CLISC (Ma et al., ISBI 2025). Training stops early by its own loss alone: no truth is looked at.
struct ClassifierTrain: Stage {
  static let volume = Input<VolumeKind>("volume", .all, "the volumes whose slices are labelled")
  static let labels = Input<SliceLabelsKind>("labels", .all, "which class each slice has")
  static let slices = Input<SlicesKind>(
    "slices", .all, "further slices, of amda.mask for instance", optional: true, unjoined: true)
  static let model = Output<ModelKind>("model", .one, "the trained classifier")

  struct Parameters: StageParameters {
    var network: Network
    var weights: String?
    var image_size: Int
    var window: SliceImage.Window
    var epochs: Int
    var batch: Int
    var learning_rate: Double
    var decay_every: Int
    var decay: Double
    var balanced: Bool
    var flips: Bool
    var patience: Int
    var min_slices: Int
    var checkpoint_every: Double

    /// What is trained.
    enum Network: String, Codable, Sendable, CaseIterable {
      case resnet18, resnet50, small
    }

    static let schema = [
      ParameterDescriptor(
        "network", .string,
        "resnet18, resnet50, or small: the layout of resnet18 with a quarter of its channels, one input "
          + "channel, finer maps, and mean and maximum as features", defaultValue: "resnet50",
        allowed: Network.allCases.map { .string($0.rawValue) }),
      ParameterDescriptor(
        "weights", .string,
        "a model of the store to begin with, resnet50-imagenet for instance; without it weights are drawn at random"
      ),
      ParameterDescriptor(
        "image_size", .integer, "height and width that slices are resized to", defaultValue: 224,
        minimum: 32, maximum: 1024, unit: "pixels"),
      ParameterDescriptor(
        "window", .string,
        "what is black and white: the least and greatest of each slice; or none: intensities are taken as they are, "
          + "which keeps the network from seeing that the rest of the brain is darker where something is bright",
        defaultValue: "slice", allowed: SliceImage.Window.allCases.map { .string($0.rawValue) }),
      ParameterDescriptor(
        "epochs", .integer, "how often every slice is seen", defaultValue: 400, minimum: 1,
        maximum: 10_000),
      ParameterDescriptor(
        "batch", .integer, "slices of a step", defaultValue: 8, minimum: 1, maximum: 512),
      ParameterDescriptor(
        "learning_rate", .number, "of Adam, at first", defaultValue: 1e-4, minimum: 0, maximum: 1),
      ParameterDescriptor(
        "decay_every", .integer, "epochs after which the learning rate is multiplied by decay",
        defaultValue: 7, minimum: 1, maximum: 10_000),
      ParameterDescriptor(
        "decay", .number, "factor of the learning rate", defaultValue: 0.1, minimum: 0, maximum: 1),
      ParameterDescriptor(
        "balanced", .boolean, "draw as many slices of each class", defaultValue: false),
      ParameterDescriptor(
        "flips", .boolean, "mirror slices at random, left and right", defaultValue: false),
      ParameterDescriptor(
        "patience", .integer,
        "stop after so many epochs in which the training loss did not fall by 1 %; 0: never",
        defaultValue: 0, minimum: 0, maximum: 10_000),
      ParameterDescriptor(
        "min_slices", .integer, "fewer slices of a class are refused", defaultValue: 8, minimum: 1,
        maximum: 1_000_000),
      CheckpointKeeper.every,
    ]
  }

  static let descriptor = StageDescriptor(
    id: "classifier.train", version: "1",
    summary: "trains a classifier of slices on labels of slices",
    ports: [volume, labels, slices, model], parameters: Parameters.schema,
    concurrency: .perProcess)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    TorchRuntime.setThreads(context.threads)
    let slices = try LabelledSlices(
      context.inputs(Self.volume), context.inputs(Self.labels), context.inputs(Self.slices))
    for (name, count) in zip(slices.classes, slices.counts) where count < parameters.min_slices {
      throw StageFailure(
        .badInput, code: "TOO_FEW_SLICES",
        "there are \(count) slices labelled '\(name)', expected at least \(parameters.min_slices)",
        hint: "look at the labels: lower the confidence they need, or give more cases",
        port: "labels")
    }
    let configuration = configuration(classes: slices.classes.count)
    let image = SliceImage(
      size: parameters.image_size, channels: configuration.inputs, window: parameters.window)
    let generator = try Generator(seed: context.seed)
    let network = ResNet(configuration, generator)
    try network.initialize(generator)
    if let weights = parameters.weights { try network.begin(with: weights) }
    try network.setTraining(true)
    let losses = try train(network, slices, image, generator, context)
    try network.setTraining(false)
    try send(network, slices, image, losses, context)
  }

  private func configuration(classes: Int) -> ResNet.Configuration {
    switch parameters.network {
    case .resnet18, .resnet50:
      var configuration: ResNet.Configuration =
        parameters.network == .resnet18 ? .resNet18(classes: classes) : .resNet50(classes: classes)
      configuration.hidden = [256]
      configuration.dropout = 0.5
      return configuration
    case .small:
      return ResNet.Configuration(
        blocks: [2, 2, 2, 2], isBottleneck: false, inputs: 1, width: 16, stemPools: false,
        pooling: .averageAndMax, hidden: [], dropout: 0, classes: classes)
    }
  }

  /// Trains, and answers the mean loss of every epoch. Goes on from a checkpoint when the call was interrupted before.
  private func train(
    _ network: ResNet, _ slices: LabelledSlices, _ image: SliceImage, _ generator: Generator,
    _ context: Context
  ) throws -> [Double] {
    let optimizer = Adam(
      network.trained.map(\.parameter), learningRate: parameters.learning_rate)
    let schedule = Schedule.step(every: parameters.decay_every, factor: parameters.decay)
    var keeper = try CheckpointKeeper(context, every: parameters.checkpoint_every)
    var place = TrainingPlace()
    if let checkpoint = keeper.latest, let last = TrainingPlace(checkpoint.facts) {
      try checkpoint.restore(network, optimizer, ["all": generator])
      try network.setTraining(true)
      place = last
      context.log(.info, code: "RESUMED", "training goes on in epoch \(place.epoch + 1)")
    }
    while place.epoch < parameters.epochs {
      optimizer.learningRate = parameters.learning_rate * schedule.factor(at: place.epoch)
      if place.order.isEmpty { place.order = try order(slices, generator) }
      let batches = batches(of: place.order)
      while place.batch < batches.count {
        let share =
          (Double(place.epoch) + Double(place.batch) / Double(batches.count))
          / Double(parameters.epochs)
        try context.progress(share, note(place.epoch, place.losses))
        var (images, labels) = try slices.batch(batches[place.batch], image)
        if parameters.flips, try generator.permutation(2)[0] == 1 { images = try images.flip([3]) }
        try optimizer.zeroGradients()
        let loss = try network(images).crossEntropy(labels)
        let value = try loss.item()
        if !value.isFinite {
          throw StageFailure(
            .internal, code: "DIVERGED",
            "training diverged: the loss of epoch \(place.epoch + 1) is \(value)",
            hint: "use a smaller learning_rate")
        }
        try loss.backward()
        try optimizer.step()
        place.sum += value
        place.batch += 1
        try keeper.keep {
          try Checkpoint(network, optimizer, ["all": generator], facts: place.facts)
        }
      }
      place.endEpoch()
      if parameters.patience > 0, place.idle >= parameters.patience {
        context.log(
          .info, code: "STOPPED_EARLY",
          "the training loss did not fall for \(place.idle) epochs; stopped after \(place.epoch)")
        break
      }
    }
    return place.losses
  }

  private func note(_ epoch: Int, _ losses: [Double]) -> String {
    let loss = losses.last.map { ", loss \(($0 * 1000).rounded() / 1000)" } ?? ""
    return "epoch \(epoch + 1) of \(parameters.epochs)\(loss)"
  }

  /// Indices of the slices of an epoch, in random order.
  private func order(_ slices: LabelledSlices, _ generator: Generator) throws -> [Int] {
    if !parameters.balanced { return try generator.permutation(slices.count) }
    // Of every class as many as the mean of all: rare ones are repeated, frequent ones take turns over the epochs.
    let target = max(1, slices.count / max(1, slices.classes.count))
    var order: [Int] = []
    for members in slices.byClass where !members.isEmpty {
      var drawn: [Int] = []
      while drawn.count < target {
        drawn += try generator.permutation(members.count).map { members[$0] }
      }
      order += drawn.prefix(target)
    }
    return try generator.permutation(order.count).map { order[$0] }
  }

  /// The slices of each step.
  private func batches(of order: [Int]) -> [[Int]] {
    var batches = stride(from: 0, to: order.count, by: parameters.batch).map {
      Array(order[$0..<min(order.count, $0 + parameters.batch)])
    }
    // Batch normalisation cannot train on one slice.
    if batches.count > 1, batches.last?.count == 1 { batches.removeLast() }
    return batches
  }

  private func send(
    _ network: ResNet, _ slices: LabelledSlices, _ image: SliceImage, _ losses: [Double],
    _ context: Context
  ) throws {
    let counts = zip(slices.classes, slices.counts).map { ($0, JSON.integer(Int64($1))) }
    let metadata: [String: JSON] = [
      "architecture": "resnet", "settings": network.configuration.json,
      "image_size": .integer(Int64(image.size)), "window": .string(image.window.rawValue),
      "classes": .array(slices.classes.map(JSON.string)),
      "training": [
        "slices": .object(Dictionary(counts) { first, _ in first }),
        "losses": .array(losses.map(JSON.number)),
      ],
    ]
    try context.send(Self.model, network: network, metadata: metadata)
  }
}
