internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Finds the lungs in a CT of a chest; see ``LungExtraction``. Other modalities, and what has no plausible lungs, fail.
struct LungMask: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "a CT of a chest in HU, one channel")
  static let mask = Output<MaskKind>("mask", .perCase, "both lungs", sameGrid: "volume")

  struct Parameters: StageParameters {
    var threshold: Double
    var closing: Double
    var minimum_ml: Double
    var maximum_ml: Double

    static let schema = [
      ParameterDescriptor(
        "threshold", .number, "air is darker", defaultValue: -320, minimum: -1000, maximum: 0,
        unit: "HU"),
      ParameterDescriptor(
        "closing", .number, "vessels, and lesions at the wall, are taken in as far as this",
        defaultValue: 10, minimum: 0, maximum: 50, unit: "mm"),
      ParameterDescriptor(
        "minimum_ml", .number, "a smaller mask is no pair of lungs", defaultValue: 1000, minimum: 0,
        unit: "ml"),
      ParameterDescriptor(
        "maximum_ml", .number, "a larger mask is no pair of lungs", defaultValue: 12_000,
        minimum: 0, unit: "ml"),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "preprocess.lung-mask", version: "1", summary: "finds the lungs in a CT of a chest",
    ports: [volume, mask], parameters: Parameters.schema, concurrency: .parallel,
    takesAnyThreads: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) throws {
    if parameters.minimum_ml > parameters.maximum_ml {
      throw StageFailure(
        .badParameter,
        "minimum_ml \(parameters.minimum_ml) is greater than maximum_ml \(parameters.maximum_ml)",
        parameter: "minimum_ml")
    }
    self.parameters = parameters
  }

  func process(_ context: Context) throws {
    let image = try GridPacket(context.input(Self.volume), port: "volume")
    let modality = try image.packet.modality
    if modality != "CT" || image.channels != nil {
      throw StageFailure(
        .badInput, code: "NO_LUNG_MASK",
        modality != "CT"
          ? "no lungs were looked for: the modality is \(modality ?? "not known"), not CT"
          : "no lungs were looked for: the volume has several channels",
        hint: "this stage is made for CT in HU", port: "volume")
    }
    let type = try image.type
    let size = image.grid.size
    let extraction = LungExtraction(
      threshold: parameters.threshold, closing: parameters.closing,
      limits: parameters.minimum_ml...parameters.maximum_ml, threads: context.threads)
    var metadata = try image.packet.metadata.object?.withoutDisplayRange ?? [:]
    metadata["labels"] = ["lung"]
    try context.send(
      Self.mask, tensors: MaskKind.tensors(shape: [size.z, size.y, size.x], type: .uint8),
      metadata: metadata, sidecar: image.sidecar()
    ) { draft in
      try draft.fillAffine(image.grid.affine.rowMajor)
      let mask = try draft.elements("voxels", of: UInt8.self)
      let volume = try image.voxels.withBytes { bytes in
        try extraction.run(Voxels(type, bytes.part(0, of: 1)), on: image.grid, to: mask)
      }
      try context.checkCancelled()
      draft.metadata["lungs"] = ["volume_ml": .number((volume * 10).rounded() / 10)]
    }
  }
}
