internal import PonsKit
internal import Synchronization

/// Brings NIfTI images in, a case a volume.
///
/// The voxels of a packet are in the order of the file, x fastest, which is `[z, y, x]`: nothing is turned or flipped, and the
/// affine says where it is.
final class NIfTIRead: SourceStage {
  static let volume = Output<VolumeKind>(
    "volume", .perCase, "the image; its voxel type is that of the file, or a float when scaled")

  struct Parameters: StageParameters {
    enum FourD: String, Codable, Sendable { case refuse, split, keep }
    enum Keys: String, Codable, Sendable { case pseudonym, name }

    var path: String
    var four_d: FourD
    var keys: Keys
    var modality: String

    static let schema = [
      ParameterDescriptor(
        "path", .path,
        "a NIfTI file, a folder that is searched with everything below, or a pattern with * and ?",
        isRequired: true),
      ParameterDescriptor(
        "four_d", .string,
        "files with several volumes: refuse them, split them into a case a volume (NAME#t000, ...), "
          + "or keep them as one [c, z, y, x]",
        defaultValue: "refuse", allowed: ["refuse", "split", "keep"]),
      ParameterDescriptor(
        "keys", .string,
        "pseudonym: case keys tell nothing about file names; name: they are the file names",
        defaultValue: "pseudonym", allowed: ["pseudonym", "name"]),
      ParameterDescriptor(
        "modality", .string, "what the images are: MR, CT, ...; NIfTI does not say",
        defaultValue: "unknown"),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "nifti.read", version: "1", summary: "reads NIfTI-1 and NIfTI-2 images", ports: [volume],
    parameters: Parameters.schema, concurrency: .parallel, isTransient: true,
    parsesForeignBytes: true)

  private struct Target {
    var files: ImageFiles
    var selection: VolumeSelection
  }

  private let parameters: Parameters
  /// Filled by enumerate; a case may also be read in a process that has not listed them.
  private let targets = Mutex<[String: Target]>([:])

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func enumerate(_ context: Context) throws {
    let found = try FileFinder.find(parameters.path)
    for notice in found.notices { context.log(.notice, code: notice.code, notice.text) }
    for reason in SkipReason.allCases {
      if let count = found.skipped[reason] {
        try context.skipped(code: reason.rawValue, reason.text, count: count)
      }
    }
    for (name, target) in try cases(found, progress: { try context.checkCancelled() }) {
      try context.announce(
        SourceCase(
          name: name, isPublic: parameters.keys == .name, files: target.files.existing,
          fingerprint: Self.fingerprint(target.selection)))
    }
  }

  /// Which time point it is matters beside the content of the file.
  private static func fingerprint(_ selection: VolumeSelection) -> String {
    if case .one(let index) = selection { return "volume \(index)" }
    return ""
  }

  private func cases(
    _ found: FoundImages, progress: () throws -> Void = {}
  ) throws -> [(String, Target)] {
    var cases: [(String, Target)] = []
    for image in found.images {
      try progress()
      var selections: [VolumeSelection] = [parameters.four_d == .keep ? .all : .only]
      // A file that cannot be read is a case, which fails with the reason when it is read.
      if parameters.four_d == .split, let count = try? ImageFile(image.files).header.volumeCount,
        count > 1, count <= Self.mostVolumes
      {
        selections = (0..<count).map(VolumeSelection.one)
      }
      for selection in selections {
        let name = image.name + Self.suffix(selection, of: selections.count)
        cases.append((name, Target(files: image.files, selection: selection)))
      }
    }
    targets.withLock { targets in
      for (name, target) in cases { targets[name] = target }
    }
    return cases
  }

  /// More time points than any scanner makes come from a damaged header.
  private static let mostVolumes = 100_000

  private static func suffix(_ selection: VolumeSelection, of count: Int) -> String {
    guard case .one(let index) = selection else { return "" }
    let width = max(3, String(count - 1).count)
    let digits = String(index)
    return "#t" + String(repeating: "0", count: width - digits.count) + digits
  }

  private func target(_ name: String) throws -> Target {
    if let known = targets.withLock({ $0[name] }) { return known }
    if let found = try cases(FileFinder.find(parameters.path)).first(where: { $0.0 == name }) {
      return found.1
    }
    throw StageFailure(
      .badInput, code: "NOT_FOUND", "the file of the case is no longer where it was")
  }

  func read(_ name: String, _ context: Context) throws {
    let target = try target(name)
    do {
      try read(target, context)
    } catch var failure as StageFailure where failure.category != .cancelled {
      failure.message = "'\(shownPath(name, target.files))': \(failure.message)"
      throw failure
    }
  }

  /// The path of a file for messages, relative to what the manifest names. File names may tell who the patient is, unless the
  /// site says that they do not.
  private func shownPath(_ name: String, _ files: ImageFiles) -> String {
    let file = files.header.split(separator: "/").last.map(String.init) ?? ""
    let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
    return parameters.keys == .name ? folder + file : RedactedPath.describe(folder + file)
  }

  private func read(_ target: Target, _ context: Context) throws {
    let image = try ImageFile(target.files)
    let geometry = try image.header.geometry()
    let shape = try image.shape(target.selection)
    for notice in image.notices + geometry.notices {
      context.log(.notice, code: notice.code, notice.text)
    }
    var header = image.header
    if case .one = target.selection { header.dim = [3] + header.dim[1...3] + [1, 1, 1, 1] }
    var rescale: JSON = ["applied": false]
    if let scaling = image.scaling {
      rescale = [
        "applied": true, "slope": .number(scaling.slope), "intercept": .number(scaling.intercept),
      ]
    }
    try context.send(
      Self.volume, tensors: VolumeKind.tensors(shape: shape, type: try image.elementType),
      metadata: [
        "modality": .string(parameters.modality), "rescale": rescale,
        "nifti": header.facts(form: geometry.form),
      ],
      sidecar: ["nifti": header.privateFacts(extensions: image.extensions)]
    ) { draft in
      try image.readVoxels(target.selection, into: draft.bytes("voxels")) {
        try context.progress($0)
      }
      try draft.fillAffine(geometry.affine)
    }
  }
}
