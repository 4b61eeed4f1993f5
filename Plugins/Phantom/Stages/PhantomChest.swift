internal import PonsKit

/// Makes a cohort of CT-like chests with made-up nodules in the lungs, for demonstrations and tests. Synthetic, and marked so; see
/// ``ChestPhantom``.
struct PhantomChest: SourceStage {
  static let volume = Output<VolumeKind>(
    "volume", .perCase, "the chest in HU, int16", elementTypes: [.int16])
  static let truth = Output<MaskKind>(
    "truth", .perCase, "where nodules are; empty in healthy cases", groundTruth: true)

  struct Parameters: StageParameters {
    var cases: Int
    var healthy: Int
    var seed: Int
    var size: [Int]
    var spacing: Double
    var diameter: [Double]
    var noise: Double

    static let schema = [
      ParameterDescriptor(
        "cases", .integer, "how many chests", defaultValue: 16, minimum: 1, maximum: 100_000),
      ParameterDescriptor(
        "healthy", .integer, "every so many chests one has no nodule; 0: none", defaultValue: 8,
        minimum: 0, maximum: 100_000),
      ParameterDescriptor(
        "seed", .integer, "another seed gives another cohort", defaultValue: 1, minimum: 0,
        maximum: 1_000_000_000),
      ParameterDescriptor(
        "size", .array(.integer), "voxels in z, y and x", defaultValue: [64, 80, 112],
        unit: "voxels"),
      ParameterDescriptor(
        "spacing", .number, "edge of a voxel", defaultValue: 3, minimum: 0.5, maximum: 10,
        unit: "mm"),
      ParameterDescriptor(
        "diameter", .array(.number), "smallest and largest mean diameter of a nodule",
        defaultValue: [14, 34], unit: "mm"),
      ParameterDescriptor(
        "noise", .number, "deviation of the noise", defaultValue: 25, minimum: 0, maximum: 500,
        unit: "HU"),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "phantom.chest", version: "1",
    summary: "makes chests with made-up lung nodules, for demonstrations and tests",
    ports: [volume, truth], parameters: Parameters.schema, concurrency: .parallel)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) throws {
    self.parameters = parameters
    try PhantomCases.check(size: parameters.size)
    try PhantomCases.check(diameter: parameters.diameter)
  }

  func enumerate(_ context: Context) throws {
    try PhantomCases.announce(parameters.cases, context)
  }

  func read(_ name: String, _ context: Context) throws {
    let number = try PhantomCases.number(of: name)
    let isHealthy = parameters.healthy > 0 && number % parameters.healthy == 0
    let settings = ChestPhantom.Settings(
      size: SIMD3(parameters.size[2], parameters.size[1], parameters.size[0]),
      spacing: parameters.spacing, nodules: isHealthy ? 0 : 1 + number % 2,
      diameter: parameters.diameter[0]...parameters.diameter[1], noise: parameters.noise)
    let phantom = try ChestPhantom(
      settings, seed: PhantomCases.seed(number, ofCohort: parameters.seed),
      checkCancelled: context.checkCancelled)
    try context.send(
      Self.volume, tensors: VolumeKind.tensors(shape: parameters.size, type: .int16),
      metadata: ["modality": "CT", "rescale": ["applied": true], "synthetic": true]
    ) { draft in
      try draft.fillAffine(phantom.affine)
      try draft.fill("voxels", with: phantom.voxels)
    }
    try context.send(
      Self.truth, tensors: MaskKind.tensors(shape: parameters.size, type: .uint8),
      metadata: ["labels": ["nodule"], "synthetic": true]
    ) { draft in
      try draft.fillAffine(phantom.affine)
      try draft.fill("voxels", with: phantom.truth)
    }
  }
}
