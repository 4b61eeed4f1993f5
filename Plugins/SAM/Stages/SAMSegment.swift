internal import Glibc
internal import PonsGrids
internal import PonsImaging
internal import PonsKit
internal import PonsModels
internal import PonsTorch
internal import PonsWeights

/// Segments what boxes and points show, slice by slice, with SAM or one of its relatives.
///
/// A slice is embedded once, whatever is asked in it; slices in which nothing is asked stay empty. Intensities are taken from the
/// smallest to the largest of the slice. Constant slices stay empty, too.
struct SAMSegment: Stage {
  static let volume = Input<VolumeKind>(
    "volume", .each, "of [c, z, y, x] the first channel is used")
  static let prompts = Input<PromptsKind>(
    "prompts", .each, "what to look for, on the volume's grid")
  static let brain = Input<MaskKind>(
    "brain", .each, "nothing outside of it is marked", optional: true, sameGrid: "volume")
  static let mask = Output<MaskKind>(
    "mask", .perCase,
    "what was found; the metadata hold the slices that were prompted and the predicted IoU of each mask",
    sameGrid: "volume")

  struct Parameters: StageParameters {
    enum Look: String, Codable, Sendable { case auto, sam, medsam, litemedsam }

    var model: String
    var weights: String?
    var preprocessing: Look

    static let schema = [
      ParameterDescriptor(
        "model", .string, "a model of the store: pons models list", defaultValue: "lite-medsam"),
      ParameterDescriptor(
        "weights", .path,
        "a file or folder with weights (safetensors or .pth, names of the original or of Hugging Face), "
          + "instead of a model of the store"),
      ParameterDescriptor(
        "preprocessing", .string,
        "what weights given by path want to see; auto: as LiteMedSAM or SAM, by their architecture",
        defaultValue: "auto", allowed: ["auto", "sam", "medsam", "litemedsam"]),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "sam.segment", version: "1", summary: "segments what boxes and points show, slice by slice",
    ports: [volume, prompts, brain, mask], parameters: Parameters.schema,
    concurrency: .parallel)

  private let sam: ReadySAM
  /// SHA-256 of the weights, when they are those of a model that has a name.
  private let digest: String?

  init(_ parameters: Parameters, _ context: Context) throws {
    TorchRuntime.setThreads(context.threads)
    (sam, digest) = try parameters.ready()
  }

  func process(_ context: Context) throws {
    TorchRuntime.setThreads(context.threads)
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    let list = try PromptList(context.input(Self.prompts), on: volume.grid, port: "prompts")
    let brain = try context.optionalInput(Self.brain).map { try GridPacket($0, port: "brain") }
    try brain?.require(volume.grid, port: "brain", "the brain mask and the volume")
    if !sam.preparation.takesPoints, !list.points.isEmpty {
      throw StageFailure(
        .badInput, code: "POINTS_NOT_UNDERSTOOD",
        "there are \(list.points.count) points, but \(sam.name) understands boxes only",
        hint: "choose a model that takes points (facebook/sam-vit-base), or leave the points out",
        port: "prompts")
    }
    let size = volume.size
    // Nobody can tell an empty slice that was asked from one that was not, but for this.
    var metadata: [String: JSON] = [
      "labels": ["object"], "slices": .array(list.slices.map { .integer(Int64($0)) }),
    ]
    if let grid = try volume.packet.metadata["grid"] { metadata["grid"] = grid }
    try context.send(
      Self.mask, tensors: MaskKind.tensors(shape: [size.z, size.y, size.x], type: .uint8),
      metadata: metadata, sidecar: volume.packet.sidecar.object ?? [:]
    ) { draft in
      try draft.fillAffine(volume.grid.affine.rowMajor)
      let voxels = try draft.elements("voxels", of: UInt8.self)
      voxels.update(repeating: 0)
      var scores: [JSON] = []
      let slices = list.slices
      for (number, z) in slices.enumerated() {
        try context.checkCancelled()
        let prompts = SlicePrompts(
          boxes: list.boxes.filter { $0.z == z }, points: list.points.filter { $0.z == z })
        let slice = try Tensor.empty([size.y, size.x])
        try slice.withMutableElements(of: Float.self) { try volume.copySlice(z, to: $0) }
        if let found = try sam.segment(slice, prompts) {
          let part = UnsafeMutableBufferPointer(
            rebasing: voxels[z * size.sliceCount..<(z + 1) * size.sliceCount])
          try found.mask.to(.uint8).contiguous().withElements(of: UInt8.self) {
            _ = part.update(fromContentsOf: $0)
          }
          try brain?.withMask { brain in
            for index in part.indices where brain[z * size.sliceCount + index] == 0 {
              part[index] = 0
            }
          }
          scores.append([
            "z": .integer(Int64(z)),
            "predicted_iou": .array(
              found.quality.map { .number((Double($0) * 1e4).rounded() / 1e4) }),
          ])
        } else {
          context.log(
            .warning, code: "CONSTANT_SLICE", "slice \(z) has one value only and stays empty")
          scores.append(["z": .integer(Int64(z)), "predicted_iou": []])
        }
        try context.progress(Double(number + 1) / Double(slices.count), "slice \(z)")
      }
      var facts: [String: JSON] = ["model": .string(sam.name), "slices": .array(scores)]
      if let digest { facts["model_sha256"] = .string(digest) }
      draft.metadata["sam"] = .object(facts)
    }
  }
}

extension SAMSegment.Parameters {
  /// The model, with its weights mapped; and their digest, when they come from the store.
  fileprivate func ready() throws -> (ReadySAM, digest: String?) {
    do {
      guard let weights, !weights.isEmpty else {
        let stored = try ModelStore().locate(model)
        let sam = try ReadySAM(
          stored.weights(), name: model,
          preparation: ImagePreparation(stored.registered.preprocessing))
        return (sam, stored.digest)
      }
      var status = stat()
      let isFolder = stat(weights, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      let file = try isFolder ? ModelFolder(path: weights).weights() : WeightFile(path: weights)
      return (try ReadySAM(file, name: "this model", preparation: preparation), nil)
    } catch let error as WeightError {
      throw StageFailure(
        .badParameter, code: "BAD_WEIGHTS",
        error.key.map { "\(error.message): \($0)" } ?? error.message, hint: error.hint,
        parameter: "weights")
    } catch let error as ModelError {
      throw StageFailure(
        .badParameter, code: "NO_MODEL", error.description, hint: error.hint, parameter: "model")
    }
  }

  private var preparation: ImagePreparation? {
    switch preprocessing {
    case .auto: nil
    case .sam: .sam()
    case .medsam: .medSAM()
    case .litemedsam: .liteMedSAM()
    }
  }
}
