internal import PonsGrids
internal import PonsImaging
internal import PonsKit
internal import PonsTorch
internal import Synchronization

/// Finds what a trained 3D U-Net was trained to find.
///
/// The network sees windows of the size it was trained on; see ``SlidingWindow``. A voxel is foreground when its probability is
/// larger than that of the background. A case unlike those that the network was trained on is refused: see ``Envelope``.
final class UNetPredict: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "normalised as in training")
  static let model = Input<ModelKind>("model", .once, "of unet3d.train")
  static let mask = Output<MaskKind>("mask", .perCase, "what was found", sameGrid: "volume")
  static let heatmap = Output<HeatmapKind>(
    "heatmap", .perCase, "probability of the foreground", optional: true, sameGrid: "volume")

  struct Parameters: StageParameters {
    var overlap: Double
    var mirror: Bool
    var largest_component: Bool
    var envelope_margin: Double

    static let schema = [
      ParameterDescriptor(
        "overlap", .number, "share of a window that the next one overlaps", defaultValue: 0.5,
        minimum: 0, maximum: 0.9),
      ParameterDescriptor(
        "mirror", .boolean, "average over all mirror images, which takes eight times as long",
        defaultValue: false),
      ParameterDescriptor(
        "largest_component", .boolean, "keep only the largest piece (26-connected)",
        defaultValue: true),
      EnvelopeCheck.margin,
    ]
  }

  static let descriptor = StageDescriptor(
    id: "unet3d.predict", version: "1", summary: "segments volumes with a trained 3D U-Net",
    ports: [volume, model, mask, heatmap], parameters: Parameters.schema,
    concurrency: .parallel)

  /// A model that is ready.
  private final class Loaded: @unchecked Sendable {
    // @unchecked: frozen when it is made; calls change nothing.
    let network: UNet3D
    let window: [Int]
    let labels: [String]
    let envelope: Envelope
    /// What masks say about where they come from.
    let algorithm: JSON

    init(
      network: UNet3D, window: [Int], labels: [String], envelope: Envelope, algorithm: JSON
    ) {
      self.network = network
      self.window = window
      self.labels = labels
      self.envelope = envelope
      self.algorithm = algorithm
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
    try withoutGradients { try predict(model, context) }
  }

  private func load(_ packet: InputPacket<ModelKind>) throws -> Loaded {
    try packet.require(architecture: "unet3d")
    let metadata = try packet.metadata
    let configuration = try UNet3D.Configuration(metadata["settings"])
    let window = (metadata["window"]?.array ?? []).compactMap(\.integer).map(Int.init)
    guard window.count == 3,
      window.allSatisfy({ $0 > 0 && $0 <= 1024 && $0 % configuration.multiple == 0 })
    else {
      throw StageFailure(
        .badInput, code: "BAD_MODEL", "the model's window makes no sense", port: "model")
    }
    let network = UNet3D(configuration, try Generator(seed: 0))
    try packet.load(into: network)
    return Loaded(
      network: network, window: window,
      labels: (metadata["labels"]?.array ?? []).compactMap(\.string),
      envelope: try Envelope(metadata["envelope"]),
      algorithm: ModelFacts(metadata).algorithm)
  }

  private func predict(_ model: Loaded, _ context: Context) throws {
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    if volume.voxels.shape.count != 3 {
      throw StageFailure(
        .badInput, code: "BAD_SHAPE",
        "the volume has the shape \(volume.voxels.shape), expected [z, y, x]", port: "volume")
    }
    let facts = try CaseFacts(volume)
    try model.envelope.check(facts, at: .prepared, margin: parameters.envelope_margin)
    let voxels = try Tensor.converting(volume.voxels)
    let sliding = SlidingWindow(window: model.window, overlap: parameters.overlap)
    let logits = try sliding.run(
      voxels, fill: voxels.min().item(), progress: { try context.progress($0) },
      network: { try answer(model.network, $0) })
    let probability = try logits.softmax(0).select(0, 1).contiguous()
    let found = try probability.compare(.greater, 0.5).to(.uint8).contiguous()
    try send(found, probability, on: volume, model, context)
  }

  /// Logits of a window, averaged over its mirror images when that is wanted.
  private func answer(_ network: UNet3D, _ window: Tensor) throws -> Tensor {
    let plain = try network(window)
    if !parameters.mirror { return plain }
    let sum = try plain.clone()
    for bits in 1..<8 {
      let axes = (0..<3).filter { bits >> $0 & 1 == 1 }.map { $0 + 2 }
      try sum.add_(network(window.flip(axes)).flip(axes))
    }
    try sum.divide_(8)
    return sum
  }

  private func send(
    _ found: Tensor, _ probability: Tensor, on volume: GridPacket<VolumeKind>, _ model: Loaded,
    _ context: Context
  ) throws {
    var metadata: [String: JSON] = [
      "labels": .array((model.labels.isEmpty ? ["foreground"] : model.labels).map(JSON.string)),
      "algorithm": model.algorithm,
    ]
    for name in ["grid", "modality", "upright"] {
      metadata[name] = try volume.packet.metadata[name]
    }
    let shape = volume.voxels.shape
    let affine = volume.grid.affine.rowMajor
    let sidecar = try volume.packet.sidecar.object ?? [:]
    try context.send(
      Self.mask, tensors: MaskKind.tensors(shape: shape, type: .uint8), metadata: metadata,
      sidecar: sidecar
    ) { draft in
      try draft.fillAffine(affine)
      let result = try draft.elements("voxels", of: UInt8.self)
      try found.withElements(of: UInt8.self) { _ = result.update(fromContentsOf: $0) }
      if parameters.largest_component {
        Components.keep(
          .largest, in: result, size: volume.grid.size, threads: context.threads)
      }
    }
    if context.wanted(Self.heatmap) {
      metadata["labels"] = nil
      metadata["source"] = "unet3d.predict"
      try context.send(
        Self.heatmap, tensors: HeatmapKind.tensors(shape: shape, type: .float32),
        metadata: metadata, sidecar: sidecar
      ) { draft in
        try draft.fillAffine(affine)
        let result = try draft.elements("voxels", of: Float.self)
        try probability.withElements(of: Float.self) { _ = result.update(fromContentsOf: $0) }
      }
    }
  }
}
