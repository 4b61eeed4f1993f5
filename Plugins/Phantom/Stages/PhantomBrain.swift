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
    try PhantomCases.check(size: parameters.size)
    try PhantomCases.check(diameter: parameters.diameter)
  }

  func enumerate(_ context: Context) throws {
    try PhantomCases.announce(parameters.cases, files: [parameters.template], context)
  }

  func read(_ name: String, _ context: Context) throws {
    let number = try PhantomCases.number(of: name)
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
    let phantom = try HeadPhantom(
      template, settings, seed: PhantomCases.seed(number, ofCohort: parameters.seed),
      threads: context.threads, checkCancelled: context.checkCancelled)
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
