internal import PonsGrids
internal import PonsImaging
internal import PonsKit
internal import PonsTorch

/// Labels the slices of a volume by what they look like, with texts and without training: CLIP.
///
/// Slices are those along z: of a volume whose z runs from the feet to the head they are axial. Source: Ma et al., "CLISC",
/// ISBI 2025, section "CLIP image labels".
struct ClipLabel: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "what is labelled, [z, y, x]")
  static let mask = Input<MaskKind>(
    "mask", .each, "what of it is looked at, a brain mask", optional: true, sameGrid: "volume")
  static let labels = Output<SliceLabelsKind>("labels", .perCase, "a label for each slice")

  static let descriptor = StageDescriptor(
    id: "clip.label", version: "1",
    summary: "labels slices by what they look like, with texts and without training",
    ports: [volume, mask, labels], parameters: ClipLabelParameters.schema)

  private let parameters: ClipLabelParameters
  private let classifier: ClipClassifier
  private let classes: Tensor
  /// SHA-256 of the model's files, when it has a name.
  private let digest: String?
  private let cut: ConfidenceCut

  init(_ parameters: ClipLabelParameters, _ context: Context) throws {
    self.parameters = parameters
    let texts = try parameters.textsOfClasses()
    cut = try parameters.cut()
    TorchRuntime.setThreads(context.threads)
    let place = try ClipModelPlace(parameters)
    let classifier = try place.load()
    self.classifier = classifier
    digest = place.digest
    for text in texts.joined() where !classifier.fits(text) {
      context.log(
        .warning, code: "TEXT_CUT",
        "the model sees only the beginning of a text, \(classifier.model.configuration.positions) "
          + "tokens: '\(text)'")
    }
    classes = try classifier.classes(texts)
  }

  func process(_ context: Context) throws {
    // The host may call on any thread, and libtorch asks each.
    TorchRuntime.setThreads(context.threads)
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    let grid = volume.grid
    try Self.check(volume)
    let mask = try context.optionalInput(Self.mask).map { try GridPacket($0, port: "mask") }
    try mask?.require(grid, port: "mask", "the mask and the volume")
    let voxels = try Tensor.converting(volume.voxels)
    let found = try voxels.withElements(of: Float.self) { voxels in
      guard let mask else { return try label(voxels, nil, grid, context) }
      return try mask.withMask { try label(voxels, $0, grid, context) }
    }
    var metadata: [String: JSON] = [
      "classes": .array(parameters.classes.map(JSON.string)), "texts": parameters.texts,
      "model": .string(parameters.model),
    ]
    if let digest { metadata["model_sha256"] = .string(digest) }
    try context.send(
      Self.labels,
      tensors: [
        TensorRequest("probability", .float32, [grid.size.z, cut.minimum.count]),
        TensorRequest("label", .int8, [grid.size.z]),
      ],
      metadata: metadata
    ) { draft in
      try draft.fill("probability", with: found.probability)
      try draft.fill("label", with: found.label)
    }
  }

  private func label(
    _ voxels: UnsafeBufferPointer<Float>, _ mask: UnsafeBufferPointer<UInt8>?, _ grid: Grid,
    _ context: Context
  ) throws -> (probability: [Float], label: [Int8]) {
    let images = SliceImages(
      voxels, mask: mask, grid: grid, window: parameters.window, fit: parameters.fit)
    let frame = images.frame
    let signal = images.signal()
    let shown = signal.indices.filter { signal[$0] > 0 && signal[$0] >= parameters.min_signal }
    let count = cut.minimum.count
    // A slice that shows nothing says nothing: each class is as probable.
    var probability = [Float](repeating: 1 / Float(count), count: signal.count * count)
    var label = [Int8](repeating: -1, count: signal.count)
    for first in stride(from: 0, to: shown.count, by: parameters.batch) {
      try context.progress(Double(first) / Double(shown.count))
      let batch = shown[first..<min(shown.count, first + parameters.batch)]
      let pictures = try Tensor.empty([batch.count, frame.height, frame.width])
      try pictures.withMutableElements(of: Float.self) { pixels in
        let area = frame.height * frame.width
        pixels.update(repeating: 0)
        for (place, z) in batch.enumerated() {
          images.write(
            z, to: UnsafeMutableBufferPointer(rebasing: pixels[place * area..<(place + 1) * area]))
        }
      }
      let found = try classifier.probabilities(of: pictures, classes: classes)
      for (place, z) in batch.enumerated() {
        let row = found[place * count..<(place + 1) * count]
        probability.replaceSubrange(z * count..<(z + 1) * count, with: row)
        label[z] = cut(row)
      }
    }
    if let smoothing = parameters.smoothing(spacing: grid.affine.spacing.z) {
      label = smoothing(label)
    }
    try context.progress(1)
    return (probability, label)
  }

  private static func check(_ volume: GridPacket<VolumeKind>) throws {
    let shape = volume.voxels.shape
    guard shape.count == 3 else {
      throw StageFailure(
        .badInput, code: "BAD_SHAPE",
        "the volume has voxels of shape \(shape), expected [z, y, x]",
        hint: "choose a channel first", port: "volume")
    }
    // Of a strip the square in the middle says nothing, and resizing would enlarge it without limit.
    guard max(shape[1], shape[2]) <= 16 * min(shape[1], shape[2]) else {
      throw StageFailure(
        .badInput, code: "BAD_SHAPE",
        "the slices are strips of \(shape[2]) x \(shape[1]) voxels, expected at most 16 to 1",
        port: "volume")
    }
  }
}
