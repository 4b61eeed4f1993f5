internal import Glibc
internal import PonsKit
internal import Synchronization

/// Brings DICOM images in, a case a volume.
///
/// Slices are sorted along their normal, and the voxels of a slice are in the order of the file: `[z, y, x]`, x along the
/// rows. The affine maps to RAS+ (DICOM has LPS) and keeps the shear of a gantry tilt. Integers stay integers when rescale
/// slopes and intercepts allow.
final class DICOMRead: SourceStage {
  static let volume = Output<VolumeKind>(
    "volume", .perCase, "a volume; rescaled, of the smallest type that holds every value")

  struct Parameters: StageParameters {
    var path: String
    var on_gap: GapPolicy
    var upright: Bool
    var settle: String
    var codec_timeout: Double

    static let schema = [
      ParameterDescriptor(
        "path", .path,
        "a folder that is searched with everything below, a file, a DICOMDIR, or a text file with a path a line",
        isRequired: true),
      ParameterDescriptor(
        "on_gap", .string,
        "stacks in which a slice is missing or the distance jumps: quarantine refuses them, split makes a volume of "
          + "each regular part, keep takes them as they are",
        defaultValue: "quarantine", allowed: ["quarantine", "split", "keep"]),
      ParameterDescriptor(
        "upright", .boolean,
        "resample stacks with a gantry tilt to slices that stand above each other (linear interpolation)",
        defaultValue: false),
      ParameterDescriptor(
        "settle", .string,
        "how long nothing may have changed in the folder before it is read (90s, 10m, 1h): wait until then",
        defaultValue: "0s", affectsResult: false),
      ParameterDescriptor(
        "codec_timeout", .number, "how long decoding one frame may take", defaultValue: 60,
        minimum: 0.1,
        unit: "s", affectsResult: false),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "dicom.read", version: "1", summary: "reads DICOM images, a case a volume", ports: [volume],
    parameters: Parameters.schema, concurrency: .parallel, isTransient: true,
    takesAnyThreads: true, parsesForeignBytes: true)

  private let parameters: Parameters
  private let settle: Double
  /// Filled by enumerate; a case may also be read in a process that has not listed them.
  private let search = Mutex<(Search, StudyIndex)?>(nil)

  init(_ parameters: Parameters, _ context: Context) throws {
    self.parameters = parameters
    guard let settle = WrittenDuration(parameters.settle) else {
      throw StageFailure(
        .badParameter, "settle is no duration", hint: "write 90s, 10m or 1h", parameter: "settle")
    }
    self.settle = settle.seconds
  }

  private func found(_ context: Context) throws -> (Search, StudyIndex) {
    if let known = search.withLock({ $0 }) { return known }
    let fresh = try Search(
      path: parameters.path, policy: parameters.on_gap, threads: context.threads,
      progress: { context.reportProgress($0, "looking at files") })
    let found = (fresh, StudyIndex(fresh))
    search.withLock { $0 = found }
    return found
  }

  func enumerate(_ context: Context) throws {
    search.withLock { $0 = nil }
    try Settling(path: parameters.path, quiet: settle).wait { left in
      try context.progress(0, "waiting for the folder to settle: \(Int(left.rounded(.up))) s")
    }
    let (found, studies) = try found(context)
    for (reason, count) in found.skipped.sorted(by: { $0.key.code < $1.key.code }) {
      try context.skipped(code: reason.code, reason.text, count: count)
    }
    for (index, plan) in found.plans.enumerated() {
      try context.announce(
        SourceCase(
          name: plan.name,
          files: found.files(of: plan),
          fingerprint: found.fingerprint(ofPlan: index, studies),
          about: VolumeFacts(plan, found.catalogue).about))
    }
  }

  func read(_ name: String, _ context: Context) throws {
    let (found, studies) = try found(context)
    guard let index = studies.plan(named: name) else {
      throw StageFailure(
        .badInput, code: "NOT_FOUND", "the files of the case are no longer where they were")
    }
    let plan = found.plans[index]
    if let problem = plan.problem { throw problem }
    for notice in plan.notices { context.log(.notice, code: notice.code, notice.text) }
    let facts = VolumeFacts(plan, found.catalogue)
    let reader = try VolumeReader(found.catalogue, plan)
    let attributes = try SourceAttributes.read(
      found.catalogue.files[found.catalogue.instances[plan.slices[0].instance].file].path)
    let metadata: [String: JSON] = [
      "modality": .string(found.catalogue.instances[plan.slices[0].instance].facts.modality),
      "rescale": facts.rescale, "dicom": facts.json, "study": studies.study(ofPlan: index),
    ]
    let sidecar = ["dicom": facts.privateJSON(attributes: attributes)]
    guard let geometry = plan.geometry else {
      throw StageFailure(.internal, "a volume without geometry was not refused")
    }
    if parameters.upright, geometry.tilt > 0.05 {
      return try sendUpright(
        reader, geometry, metadata.merging(["upright": true]) { $1 }, sidecar, context)
    }
    try context.send(
      Self.volume, tensors: VolumeKind.tensors(shape: reader.shape, type: reader.type.element),
      metadata: metadata, sidecar: sidecar
    ) { draft in
      try reader.read(
        into: draft.bytes("voxels"), threads: context.threads, limit: parameters.codec_timeout
      ) { try context.progress($0) }
      try draft.fillAffine(geometry.affine)
    }
  }

  private func sendUpright(
    _ reader: VolumeReader, _ geometry: StackGeometry, _ metadata: [String: JSON],
    _ sidecar: [String: JSON], _ context: Context
  ) throws {
    let upright = Upright(geometry, shape: reader.shape)
    let stored = UnsafeMutableRawBufferPointer.allocate(
      byteCount: reader.shape.reduce(reader.type.element.size, *), alignment: 64)
    defer { stored.deallocate() }
    try reader.read(into: stored, threads: context.threads, limit: parameters.codec_timeout) {
      try context.progress($0 * 0.8)
    }
    try context.send(
      Self.volume, tensors: VolumeKind.tensors(shape: upright.shape, type: reader.type.element),
      metadata: metadata, sidecar: sidecar
    ) { draft in
      try upright.resample(
        UnsafeRawBufferPointer(stored), reader.type.element, into: draft.bytes("voxels"),
        threads: context.threads)
      try draft.fillAffine(upright.affine)
    }
  }
}

extension Search {
  /// Absolute paths of everything that a volume is made of, and of damaged files that may belong to it.
  func files(of plan: VolumePlan) -> [String] {
    let images = Set(plan.instances.map { catalogue.instances[$0].file })
    // A damaged file may be one that cannot be opened; then there is no content that the result could depend on.
    let damaged = Set(plan.damagedFiles).filter { access(catalogue.files[$0].path, R_OK) == 0 }
    return images.union(damaged).sorted().map { catalogue.files[$0].path }
  }

  /// What decides beside the content of the files: which of the volumes in them it is, and what else is in the study, because
  /// selections look at that.
  func fingerprint(ofPlan index: Int, _ studies: StudyIndex) -> String {
    let plan = plans[index]
    return "volume \(plan.number) of \(plan.siblings); study \(studies.digest(ofPlan: index))"
  }
}
