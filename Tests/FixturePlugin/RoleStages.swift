internal import PonsKit

/// A region of a heatmap: what is hotter than half. Has the ports of `cam.roi`.
struct HotVoxels: Stage {
  static let heatmap = Input<HeatmapKind>("heatmap", .each, "heat", elementTypes: [.float32])
  static let mask = Output<MaskKind>("mask", .perCase, "what is hot", sameGrid: "heatmap")
  static let descriptor = StageDescriptor(
    id: "fixture.hot-voxels", version: "1", summary: "finds what is hotter than half",
    ports: [heatmap, mask], concurrency: .parallel)

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    let heatmap = try context.input(Self.heatmap)
    try context.send(Self.mask, like: heatmap) { mask in
      try heatmap.voxels.withElements(of: Float.self) { heat in
        for index in mask.indices { mask[index] = heat[index] > 0.5 ? 1 : 0 }
      }
    }
  }
}

/// Slices for training again in which nothing is hidden. Has the ports of `amda.mask`.
struct PlainSlices: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "an image", elementTypes: [.float32])
  static let labels = Input<SliceLabelsKind>("labels", .each, "classes of its slices")
  static let heatmap = Input<HeatmapKind>("heatmap", .each, "not looked at")
  static let roi = Input<MaskKind>("roi", .each, "not looked at")
  static let slices = Output<SlicesKind>("slices", .perCase, "the slices as they are")
  static let descriptor = StageDescriptor(
    id: "fixture.plain-slices", version: "1", summary: "takes slices as they are",
    ports: [volume, labels, heatmap, roi, slices], concurrency: .parallel)

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    let voxels = try context.input(Self.volume).voxels
    let labels = try context.input(Self.labels)
    let values = try labels.label.array(of: Int8.self)
    guard voxels.shape.count == 3, voxels.shape[0] == values.count else {
      throw StageFailure(
        .badInput, "\(values.count) labels for voxels of shape \(voxels.shape)", port: "labels")
    }
    try context.send(
      Self.slices,
      tensors: [
        TensorRequest("images", .float32, voxels.shape),
        TensorRequest("label", .int8, [values.count]),
        TensorRequest("z", .int32, [values.count]),
      ],
      metadata: ["augmentation": "none", "classes": .array(labels.classes.map(JSON.string))]
    ) { draft in
      try draft.fill("images", with: voxels.array(of: Float.self))
      try draft.fill("label", with: values)
      try draft.fill("z", with: values.indices.map(Int32.init))
    }
  }
}

/// Boxes, filled. Has the ports of `sam.segment`.
struct FilledBoxes: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "an image; only its grid is looked at")
  static let prompts = Input<PromptsKind>("prompts", .each, "boxes on its grid")
  static let brain = Input<MaskKind>("brain", .each, "not looked at", optional: true)
  static let mask = Output<MaskKind>("mask", .perCase, "what is in a box", sameGrid: "volume")
  static let descriptor = StageDescriptor(
    id: "fixture.filled-boxes", version: "1", summary: "fills boxes",
    ports: [volume, prompts, brain, mask], concurrency: .parallel)

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    let volume = try context.input(Self.volume)
    let shape = try volume.voxels.shape.suffix(3).map { $0 }
    let boxes = try context.input(Self.prompts).boxes.array(of: Int32.self).map(Int.init)
    try context.send(Self.mask, like: volume) { mask in
      mask.update(repeating: 0)
      for box in stride(from: 0, to: boxes.count - 4, by: 5) {
        let (z, x0, y0) = (boxes[box], boxes[box + 1], boxes[box + 2])
        let (x1, y1) = (boxes[box + 3], boxes[box + 4])
        guard shape.count == 3, (0..<shape[0]).contains(z), 0 <= x0, x0 <= x1, x1 <= shape[2],
          0 <= y0, y0 <= y1, y1 <= shape[1]
        else {
          throw StageFailure(.badInput, "a box is not within the volume", port: "prompts")
        }
        for y in y0..<y1 {
          for x in x0..<x1 { mask[(z * shape[1] + y) * shape[2] + x] = 1 }
        }
      }
    }
  }
}

/// What is brighter than a limit. Has the ports of `unet3d.predict`.
struct BrightVoxels: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "an image", elementTypes: [.float32])
  static let model = Input<ModelKind>("model", .once, "not looked at")
  static let mask = Output<MaskKind>("mask", .perCase, "what is bright", sameGrid: "volume")

  struct Parameters: StageParameters {
    var limit: Double
    static let schema = [
      ParameterDescriptor("limit", .number, "what is brighter is found", defaultValue: 1)
    ]
  }

  static let descriptor = StageDescriptor(
    id: "fixture.bright-voxels", version: "1", summary: "finds what is bright",
    ports: [volume, model, mask], parameters: Parameters.schema, concurrency: .parallel)

  private let limit: Float

  init(_ parameters: Parameters, _ context: Context) { limit = Float(parameters.limit) }

  func process(_ context: Context) throws {
    let volume = try context.input(Self.volume)
    try context.send(Self.mask, like: volume) { mask in
      try volume.voxels.withElements(of: Float.self) { voxels in
        for index in mask.indices { mask[index] = voxels[index] > limit ? 1 : 0 }
      }
    }
  }
}

extension Context {
  /// Sends a mask on the grid of a packet; of voxels `[c, z, y, x]` on that of the first channel.
  fileprivate func send<Kind: GridKind>(
    _ port: Output<MaskKind>, like packet: InputPacket<Kind>,
    fill: (UnsafeMutableBufferPointer<UInt8>) throws -> Void
  ) throws {
    var metadata: [String: JSON] = ["labels": ["found"]]
    if let grid = try packet.metadata["grid"] { metadata["grid"] = grid }
    let affine = try packet.affine
    try send(
      port,
      tensors: MaskKind.tensors(shape: packet.voxels.shape.suffix(3).map { $0 }, type: .uint8),
      metadata: metadata
    ) { draft in
      try draft.fillAffine(affine)
      try fill(draft.elements("voxels", of: UInt8.self))
    }
  }
}
