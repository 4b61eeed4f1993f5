internal import PonsGrids
internal import PonsImaging
internal import PonsKit
internal import PonsTorch
internal import Synchronization

/// Shows where a classifier of slices sees a class. See ``ActivationMap``.
///
/// Each slice's map is resized bilinearly to the slice. Slices that the classifier gives another class are 0.
final class CAMCompute: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "as in the training of the classifier")
  static let model = Input<ModelKind>("model", .once, "of classifier.train")
  static let heatmap = Output<HeatmapKind>(
    "heatmap", .perCase, "how much each voxel speaks for the class", sameGrid: "volume")
  static let labels = Output<SliceLabelsKind>(
    "labels", .perCase, "what the classifier says of each slice", optional: true)

  struct Parameters: StageParameters {
    var method: ActivationMap
    var layer: String
    var class_name: String
    var normalize: Normalization
    var only_predicted: Bool

    enum Normalization: String, Codable, Sendable { case slice, volume }

    static let schema = [
      ParameterDescriptor(
        "method", .string, "layercam, gradcam or gradcam++", defaultValue: "layercam",
        allowed: ActivationMap.allCases.map { .string($0.rawValue) }),
      ParameterDescriptor(
        "layer", .string, "whose activations are used: stem, layer1, layer2, layer3 or layer4",
        defaultValue: "layer3"),
      ParameterDescriptor(
        "class_name", .string, "the class that is looked for; empty: the last one",
        defaultValue: ""),
      ParameterDescriptor(
        "normalize", .string, "what is spread from 0 to 1: each slice by itself, or the volume",
        defaultValue: "slice", allowed: ["slice", "volume"]),
      ParameterDescriptor(
        "only_predicted", .boolean, "0 where the classifier gives the slice another class",
        defaultValue: true),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "cam.compute", version: "1", summary: "shows where a classifier of slices sees a class",
    ports: [volume, model, heatmap, labels], parameters: Parameters.schema,
    concurrency: .parallel)

  /// Slices of one call of the network.
  private static let batch = 16

  /// A model that is ready.
  private final class Loaded: @unchecked Sendable {
    // @unchecked: frozen when it is made; calls change nothing.
    let network: ResNet
    let image: SliceImage
    let classes: [String]

    init(network: ResNet, image: SliceImage, classes: [String]) {
      self.network = network
      self.image = image
      self.classes = classes
    }
  }

  private let parameters: Parameters
  private let loaded = Mutex<Loaded?>(nil)

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    TorchRuntime.setThreads(context.threads)
    let model = try loaded.withLock { loaded in
      let model = try loaded ?? load(context.input(Self.model))
      loaded = model
      return model
    }
    try compute(model, context)
  }

  private func load(_ packet: InputPacket<ModelKind>) throws -> Loaded {
    try packet.require(architecture: "resnet")
    let metadata = try packet.metadata
    let configuration = try ResNet.Configuration(metadata["settings"])
    let classes = (metadata["classes"]?.array ?? []).compactMap(\.string)
    guard let size = metadata["image_size"]?.integer, (32...1024).contains(size),
      let window = SliceImage.Window(rawValue: metadata["window"]?.string ?? "slice"),
      classes.count == configuration.classes
    else {
      throw StageFailure(
        .badInput, code: "BAD_MODEL", "the model's image size or classes make no sense",
        port: "model")
    }
    let network = ResNet(configuration, try Generator(seed: 0))
    try packet.load(into: network)
    if !network.layerNames.contains(parameters.layer) {
      throw StageFailure(
        .badParameter,
        "the network has no '\(parameters.layer)'; expected one of "
          + network.layerNames.joined(separator: ", "), parameter: "layer")
    }
    return Loaded(
      network: network,
      image: SliceImage(size: Int(size), channels: configuration.inputs, window: window),
      classes: classes)
  }

  private func classIndex(_ classes: [String]) throws -> Int {
    if parameters.class_name.isEmpty { return classes.count - 1 }
    guard let index = classes.firstIndex(of: parameters.class_name) else {
      throw StageFailure(
        .badParameter,
        "the classifier knows no '\(parameters.class_name)'; expected one of "
          + classes.joined(separator: ", "), parameter: "class_name")
    }
    return index
  }

  private func compute(_ model: Loaded, _ context: Context) throws {
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    let size = volume.size
    let wanted = try classIndex(model.classes)
    var maps: [Tensor] = []
    var probabilities: [Tensor] = []
    for start in stride(from: 0, to: size.z, by: Self.batch) {
      try context.progress(Double(start) / Double(size.z))
      let numbers = start..<min(size.z, start + Self.batch)
      let images = try model.image.prepare(SliceImage.read(volume, numbers))
      let features = try withoutGradients {
        try model.network.activations(of: images, at: parameters.layer)
      }
      try features.setRequiresGrad_(true)
      let logits = try model.network.logits(from: features, at: parameters.layer)
      let score = try logits.select(1, wanted).sum()
      guard let gradients = try score.gradients(by: [features])[0] else { continue }
      let plain = try features.detach()
      var map = try parameters.method(plain, gradients)
      if parameters.normalize == .slice {
        map = try ActivationMap.normalized(map, together: false)
      }
      let probability = try logits.detach().softmax(1)
      if parameters.only_predicted {
        let isWanted = try probability.argmax(1).compare(.equal, Double(wanted))
        map = try map * isWanted.to(.float32).reshape([-1, 1, 1])
      }
      maps.append(
        try map.unsqueeze(1).upsample(to: [size.y, size.x], .linear).squeeze(1))
      probabilities.append(probability)
    }
    var heat = try Tensor.cat(maps)
    if parameters.normalize == .volume {
      heat = try ActivationMap.normalized(heat, together: true)
    }
    try send(heat.contiguous(), Tensor.cat(probabilities), volume, model, wanted, context)
  }

  private func send(
    _ heat: Tensor, _ probability: Tensor, _ volume: GridPacket<VolumeKind>, _ model: Loaded,
    _ wanted: Int, _ context: Context
  ) throws {
    let sidecar = try volume.packet.sidecar.object ?? [:]
    var metadata: [String: JSON] = [
      "source": .string(
        "cam.compute, \(parameters.method.rawValue) of '\(model.classes[wanted])' at "
          + parameters.layer)
    ]
    if let grid = try volume.packet.metadata["grid"] { metadata["grid"] = grid }
    let shape = [volume.size.z, volume.size.y, volume.size.x]
    try context.send(
      Self.heatmap, tensors: HeatmapKind.tensors(shape: shape, type: .float32),
      metadata: metadata, sidecar: sidecar
    ) { draft in
      try draft.fillAffine(volume.grid.affine.rowMajor)
      let result = try draft.elements("voxels", of: Float.self)
      try heat.withElements(of: Float.self) { _ = result.update(fromContentsOf: $0) }
    }
    if !context.wanted(Self.labels) { return }
    let values = try probability.array(of: Float.self)
    let labels = try probability.argmax(1).to(.int8).array(of: Int8.self)
    let tensors = [
      TensorRequest("probability", .float32, probability.shape),
      TensorRequest("label", .int8, [labels.count]),
    ]
    try context.send(
      Self.labels, tensors: tensors,
      metadata: ["classes": .array(model.classes.map(JSON.string))], sidecar: sidecar
    ) { draft in
      try draft.fill("probability", with: values)
      try draft.fill("label", with: labels)
    }
  }
}
