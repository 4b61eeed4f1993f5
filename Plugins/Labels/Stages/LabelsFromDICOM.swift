internal import Cases
internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Gives all slices of a volume a class by what its DICOM header says.
///
/// It fails closed: what a header does not tell, what no class's pattern fits and what several fit has no class.
struct LabelsFromDICOM: Stage {
  static let volume = Input<VolumeKind>(
    "volume", .each, "a volume with the facts that dicom.read gives it")
  static let labels = Output<SliceLabelsKind>("labels", .perCase, "the same class for every slice")

  /// What of the header is looked at.
  enum Attribute: String, Codable, Sendable, CaseIterable {
    case description
    case protocolName = "protocol"
    case bodyPart = "body_part"
    case sequence
    case imageType = "image_type"
    case contrast
  }

  struct Parameters: StageParameters {
    enum Unmatched: String, Codable, Sendable { case fail, unlabelled }

    var attribute: Attribute
    var patterns: [String: String]
    var classes: [String]
    var unmatched: Unmatched

    static let schema = [
      ParameterDescriptor(
        "attribute", .string,
        "what is looked at: series description, protocol name, body part, sequence name, one of the values of image "
          + "type, or contrast (yes or no)", isRequired: true,
        allowed: Attribute.allCases.map { .string($0.rawValue) }),
      ParameterDescriptor(
        "patterns", .object,
        "regular expressions for a part of the attribute, in upper or lower case, by class: {normal: volunteer, "
          + "tumour: glioma}", isRequired: true),
      LabelParameters.classes,
      ParameterDescriptor(
        "unmatched", .string, "what becomes of cases without a class: they fail, or go on without",
        defaultValue: "fail", allowed: ["fail", "unlabelled"]),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "labels.from-dicom", version: "1",
    summary: "gives all slices of a volume a class by what its DICOM header says",
    ports: [volume, labels], parameters: Parameters.schema, concurrency: .parallel)

  private let parameters: Parameters
  private let patterns: [(label: Int, pattern: TextPattern)]

  init(_ parameters: Parameters, _ context: Context) throws {
    try LabelParameters.check(parameters.classes)
    self.parameters = parameters
    if parameters.patterns.isEmpty {
      throw StageFailure(
        .badParameter, "there is no pattern", hint: "write {CLASS: PATTERN}", parameter: "patterns")
    }
    patterns = try parameters.patterns.sorted { $0.key < $1.key }.map { name, pattern in
      guard let label = parameters.classes.firstIndex(of: name) else {
        throw StageFailure(
          .badParameter, "there is a pattern for '\(name)', which is no class",
          hint: "the classes are: \(parameters.classes.joined(separator: ", "))",
          parameter: "patterns")
      }
      return (label, try TextPattern(pattern, parameter: "patterns"))
    }
  }

  func process(_ context: Context) throws {
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    var label: Int?
    do {
      label = try self.label(volume.packet.metadata["dicom"] ?? [:])
    } catch let failure as StageFailure where failure.category == .badInput {
      if parameters.unmatched == .fail { throw failure }
      context.log(.notice, code: failure.code, failure.message)
    }
    try context.send(
      Self.labels, labels: [Int?](repeating: label, count: volume.size.z),
      classes: parameters.classes, source: "dicom")
  }

  private func label(_ facts: JSON) throws -> Int {
    let name = parameters.attribute.rawValue
    let texts: [String]
    switch parameters.attribute {
    case .contrast: texts = facts[name]?.bool.map { [$0 ? "yes" : "no"] } ?? []
    case .imageType: texts = facts[name]?.array?.compactMap(\.string) ?? []
    default: texts = facts[name]?.string.map { [$0] } ?? []
    }
    if texts.allSatisfy(\.isEmpty) {
      throw failure("the header does not tell '\(name)'")
    }
    let fitting = try patterns.filter { try $0.pattern.matcher()(texts) }.map(\.label)
    if fitting.count > 1 {
      let names = fitting.sorted().map { "'\(parameters.classes[$0])'" }.joined(separator: " and ")
      throw failure("'\(name)' fits the patterns of \(names)")
    }
    guard let label = fitting.first else { throw failure("'\(name)' fits no pattern") }
    return label
  }

  private func failure(_ message: String) -> StageFailure {
    StageFailure(
      .badInput, code: "NO_LABEL", message,
      hint: "change the patterns, or set unmatched: unlabelled", port: "volume")
  }
}
