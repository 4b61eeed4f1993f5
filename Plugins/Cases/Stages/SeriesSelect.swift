internal import PonsKit

/// Chooses series by what their headers say, a case at a time.
///
/// A volume tells about all volumes of its study (`study.volumes` in its metadata), so that nothing waits for the others. What
/// a rule asks for and a header does not tell does not match.
struct SeriesSelect: Stage {
  static let volume = Input<VolumeKind>(
    "volume", .each, "a volume with the facts that dicom.read gives it")
  static let selected = Output<VolumeKind>("volume", .perCase, "the volumes that were chosen")

  struct Parameters: StageParameters {
    var modality: [String]
    var description: String?
    var exclude: String?
    var orientation: String
    var minimum_slices: Int?
    var maximum_slices: Int?
    var minimum_thickness: Double?
    var maximum_thickness: Double?
    var contrast: String
    var image_type: [String]
    var exclude_image_type: [String]
    var localizers: String
    var per_study: StudyChoice.Policy
    var refused: StudyChoice.Refused

    static let schema = [
      ParameterDescriptor(
        "modality", .array(.string), "one of these: MR, CT; empty takes every modality",
        defaultValue: []),
      ParameterDescriptor(
        "description", .string,
        "regular expression for a part of the series description or the protocol name, in upper or lower case"
      ),
      ParameterDescriptor(
        "exclude", .string, "regular expression for descriptions and protocols that are not wanted"),
      ParameterDescriptor(
        "orientation", .string, "of the slices", defaultValue: "any",
        allowed: ["any", "axial", "coronal", "sagittal"]),
      ParameterDescriptor("minimum_slices", .integer, "volumes with fewer are not chosen"),
      ParameterDescriptor("maximum_slices", .integer, "volumes with more are not chosen"),
      ParameterDescriptor("minimum_thickness", .number, "of a slice", minimum: 0, unit: "mm"),
      ParameterDescriptor("maximum_thickness", .number, "of a slice", minimum: 0, unit: "mm"),
      ParameterDescriptor(
        "contrast", .string, "whether a contrast agent is named in the header", defaultValue: "any",
        allowed: ["any", "yes", "no"]),
      ParameterDescriptor(
        "image_type", .array(.string), "values that the image type must have, like ORIGINAL",
        defaultValue: []),
      ParameterDescriptor(
        "exclude_image_type", .array(.string),
        "values that the image type must not have, like DERIVED or MPR",
        defaultValue: []),
      ParameterDescriptor(
        "localizers", .string, "whether localizers can be chosen", defaultValue: "refuse",
        allowed: ["refuse", "allow"]),
      ParameterDescriptor(
        "per_study", .string,
        "when several volumes of a study match: one refuses the study, first takes the lowest series number, "
          + "largest the most slices, all takes every one",
        defaultValue: "one", allowed: ["one", "first", "largest", "all"]),
      ParameterDescriptor(
        "refused", .string,
        "volumes of the study that could not be read and may be the one that is wanted: block refuses the "
          + "study, ignore chooses among the others",
        defaultValue: "block", allowed: ["block", "ignore"]),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "series.select", version: "1", summary: "chooses series by what their headers say",
    ports: [volume, selected], parameters: Parameters.schema, concurrency: .parallel)

  private let rules: SeriesRules
  private let choice: StudyChoice

  init(_ parameters: Parameters, _ context: Context) throws {
    rules = try SeriesRules(parameters)
    choice = StudyChoice(policy: parameters.per_study, refused: parameters.refused)
  }

  func process(_ context: Context) throws {
    let packet = try context.input(Self.volume)
    let metadata = try packet.metadata
    let own = SeriesFacts(metadata["dicom"] ?? [:])
    let matcher = try rules.matcher()
    switch matcher.judge(own) {
    case .fails(let reason), .unknown(let reason):
      return try context.notSelected(reason: reason)
    case .matches: break
    }
    // A volume that names no study is one of its own.
    var study = (metadata["study"]?["volumes"]?.array ?? []).map(SeriesFacts.init)
    let position = metadata["study"]?["position"]?.integer.map(Int.init) ?? 0
    if study.indices.contains(position) { study[position] = own } else { study = [own] }
    let judged = study.map { ($0, matcher.judge($0)) }
    switch try choice.decide(judged, own: study.count == 1 ? 0 : position) {
    case .chosen: try context.forward(packet, to: Self.selected)
    case .another(let reason): try context.notSelected(reason: reason)
    }
  }
}
