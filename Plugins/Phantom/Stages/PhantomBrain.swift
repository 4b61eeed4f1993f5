internal import PonsKit
internal import Synchronization

/// Makes a cohort of FLAIR-like heads with made-up tumours, for demonstrations and tests. Synthetic, and marked so.
///
/// Anatomy comes from a template (Colin27 of Debian's mricron-data), deformed at random for each case; see ``HeadPhantom``. The same seed
/// of the manifest gives the same cohort.
final class PhantomBrain: SourceStage {
  static let volume = Output<VolumeKind>(
    "volume", .perCase, "the head, uint16", elementTypes: [.uint16])
  static let truth = Output<MaskKind>(
    "truth", .perCase, "where the tumour is; empty in healthy cases", groundTruth: true)

  struct Parameters: StageParameters {
    var template: String
    var cases: Int
    var healthy: Int
    var seed: Int
    var size: [Int]
    var spacing: Double
    var diameter: [Double]
    var bias: Double
    var noise: Double

    static let schema = [
      ParameterDescriptor(
        "template", .path, "a skull-stripped T1 head in NIfTI",
        defaultValue: "/usr/share/mricron/templates/ch2bet.nii.gz"),
      ParameterDescriptor(
        "cases", .integer, "how many heads", defaultValue: 32, minimum: 1, maximum: 100_000),
      ParameterDescriptor(
        "healthy", .integer, "every so many heads one has no tumour; 0: none", defaultValue: 8,
        minimum: 0, maximum: 100_000),
      ParameterDescriptor(
        "seed", .integer, "another seed gives another cohort", defaultValue: 1, minimum: 0,
        maximum: 1_000_000_000),
      ParameterDescriptor(
        "size", .array(.integer), "voxels in z, y and x", defaultValue: [80, 112, 96],
        unit: "voxels"),
      ParameterDescriptor(
        "spacing", .number, "edge of a voxel", defaultValue: 2, minimum: 0.5, maximum: 10,
        unit: "mm"),
      ParameterDescriptor(
        "diameter", .array(.number), "smallest and largest mean diameter of a tumour",
        defaultValue: [22, 52], unit: "mm"),
      ParameterDescriptor(
        "bias", .number, "largest relative change of brightness over the image", defaultValue: 0.2,
        minimum: 0, maximum: 0.9),
      ParameterDescriptor(
        "noise", .number, "deviation of the noise, in units of the brain's mean",
        defaultValue: 0.04, minimum: 0, maximum: 1),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "phantom.brain", version: "1",
    summary: "makes heads with made-up tumours on real anatomy, for demonstrations and tests",
    ports: [volume, truth], parameters: Parameters.schema, concurrency: .parallel,
    takesAnyThreads: true)

  private let parameters: Parameters
  private let template = Mutex<HeadTemplate?>(nil)

  init(_ parameters: Parameters, _ context: Context) throws {
    self.parameters = parameters
    guard parameters.size.count == 3, parameters.size.allSatisfy({ (8...512).contains($0) }) else {
      throw StageFailure(
        .badParameter, "size must be three numbers from 8 to 512: z, y, x", parameter: "size")
    }
    guard parameters.diameter.count == 2, parameters.diameter[0] > 0,
      parameters.diameter[0] <= parameters.diameter[1], parameters.diameter[1] <= 200
    else {
      throw StageFailure(
        .badParameter, "diameter must be two numbers above 0 and up to 200, the smaller first",
        parameter: "diameter")
    }
  }

  func enumerate(_ context: Context) throws {
    let width = max(3, String(parameters.cases).count)
    for number in 1...parameters.cases {
      let digits = String(number)
      let name = "phantom-" + String(repeating: "0", count: width - digits.count) + digits
      try context.announce(
        SourceCase(
          name: name, isPublic: true, files: [parameters.template], about: ["synthetic": true]))
    }
  }

  func read(_ name: String, _ context: Context) throws {
    guard let number = name.split(separator: "-").last.flatMap({ Int($0) }) else {
      throw StageFailure(.internal, code: "UNKNOWN_CASE", "there is no case of this name")
    }
    let template = try template.withLock { known in
      let template = try known ?? HeadTemplate(path: parameters.template)
      known = template
      return template
    }
    let size = SIMD3(parameters.size[2], parameters.size[1], parameters.size[0])
    let isHealthy = parameters.healthy > 0 && number % parameters.healthy == 0
    let settings = HeadPhantom.Settings(
      size: size, spacing: parameters.spacing, hasTumour: !isHealthy,
      diameter: parameters.diameter[0]...parameters.diameter[1], bias: parameters.bias,
      noise: parameters.noise)
    // Cases and cohorts differ, whatever the seed of the run.
    var seeds = SplitMix64(seed: UInt64(parameters.seed) << 32 | UInt64(number))
    let phantom = try HeadPhantom(
      template, settings, seed: seeds.next(), threads: context.threads,
      checkCancelled: context.checkCancelled)
    try context.send(
      Self.volume, tensors: VolumeKind.tensors(shape: parameters.size, type: .uint16),
      metadata: ["modality": "MR", "rescale": ["applied": false], "synthetic": true]
    ) { draft in
      try draft.fillAffine(phantom.affine)
      try draft.fill("voxels", with: phantom.voxels)
    }
    try context.send(
      Self.truth, tensors: MaskKind.tensors(shape: parameters.size, type: .uint8),
      metadata: ["labels": ["tumour"], "synthetic": true]
    ) { draft in
      try draft.fillAffine(phantom.affine)
      try draft.fill("voxels", with: phantom.truth)
    }
  }
}
