internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Finds the brain in an MR volume: a whole head, or one whose skull was taken away before.
///
/// Brain extraction after Smith (2002); see ``BrainSurface``. A volume without skull is recognised, and its mask is
/// what is not 0. What cannot be a brain fails: CT, too small or too large, even as a phantom, too long.
struct BrainMask: Stage {
  static let volume = Input<VolumeKind>(
    "volume", .each, "an MR of a head, any contrast; of [c, z, y, x] the first channel is used")
  static let mask = Output<MaskKind>("mask", .perCase, "the brain", sameGrid: "volume")

  struct Parameters: StageParameters {
    var threshold: Double
    var minimum_ml: Double
    var maximum_ml: Double

    static let schema = [
      ParameterDescriptor(
        "threshold", .number,
        "how bright, on the way from background to brain, everything below the brain's surface is; "
          + "smaller masks with more", defaultValue: 0.8, minimum: 0.1, maximum: 0.99),
      ParameterDescriptor(
        "minimum_ml", .number, "a smaller mask is no brain", defaultValue: 600, minimum: 0,
        unit: "ml"),
      ParameterDescriptor(
        "maximum_ml", .number, "a larger mask is no brain", defaultValue: 2500, minimum: 0,
        unit: "ml"),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "preprocess.brain-mask", version: "1", summary: "finds the brain in an MR of a head",
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
    if try image.packet.modality == "CT" {
      throw StageFailure(
        .badInput, code: "NO_BRAIN_MASK", "no brain was looked for: the volume is CT",
        hint: "this stage is made for MR", port: "volume")
    }
    let type = try image.type
    let size = image.grid.size
    var extraction = BrainExtraction()
    extraction.threshold = parameters.threshold
    extraction.limits = parameters.minimum_ml...parameters.maximum_ml
    extraction.threads = context.threads
    extraction.isStopped = { context.isCancelled }
    var metadata = try image.packet.metadata.object?.withoutDisplayRange ?? [:]
    metadata["labels"] = ["brain"]
    try context.send(
      Self.mask, tensors: MaskKind.tensors(shape: [size.z, size.y, size.x], type: .uint8),
      metadata: metadata, sidecar: image.sidecar()
    ) { draft in
      try draft.fillAffine(image.grid.affine.rowMajor)
      let mask = try draft.elements("voxels", of: UInt8.self)
      let outcome = try image.voxels.withBytes { bytes in
        do {
          return try extraction.run(
            Voxels(type, bytes.part(0, of: image.channels)), on: image.grid, to: mask)
        } catch {
          // Told to end, it finds nothing either.
          try context.checkCancelled()
          throw error
        }
      }
      try context.checkCancelled()
      draft.metadata["brain"] = [
        "volume_ml": .number((outcome.volume * 10).rounded() / 10),
        "was_stripped": .bool(outcome.wasStripped),
      ]
    }
  }
}
