internal import PonsKit

/// An entry of a coding scheme, in a manifest `VALUE^SCHEME^MEANING`: `108369006^SCT^Neoplasm` (DICOM PS3.3 8.8).
struct SegmentCode: Sendable, Hashable {
  let value: String
  let scheme: String
  let meaning: String

  /// Abnormal structure, neoplasm, brain (DICOM PS3.16 CID 7150, 7159, 4031), and the family of algorithms (CID 7162).
  static let abnormal = SegmentCode("49755003", "SCT", "Morphologically Abnormal Structure")
  static let neoplasm = SegmentCode("108369006", "SCT", "Neoplasm")
  static let brain = SegmentCode("12738006", "SCT", "Brain")
  static let artificialIntelligence = SegmentCode("123110", "DCM", "Artificial Intelligence")

  init(_ value: String, _ scheme: String, _ meaning: String) {
    self.value = value
    self.scheme = scheme
    self.meaning = meaning
  }

  /// - Throws: `StageFailure` of category `badParameter` when it is no code, or DICOM does not allow its parts.
  init(_ text: String, parameter: String) throws {
    let parts = text.split(separator: "^", omittingEmptySubsequences: false).map(String.init)
    let header = try FileHeader()
    guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }),
      header.setIfAllowed(0x0008_0100, parts[0]), header.setIfAllowed(0x0008_0102, parts[1]),
      header.setIfAllowed(0x0008_0104, parts[2])
    else {
      throw StageFailure(
        .badParameter, "'\(text)' is no code",
        hint: "write VALUE^SCHEME^MEANING, like 108369006^SCT^Neoplasm", parameter: parameter)
    }
    self.init(parts[0], parts[1], parts[2])
  }

  var text: String { "\(value)^\(scheme)^\(meaning)" }

  /// Sets the attributes of a code (DICOM PS3.3 8.8) in the item that is being filled.
  func fill(_ header: FileHeader) throws {
    try header.set(0x0008_0100, value)
    try header.set(0x0008_0102, scheme)
    try header.set(0x0008_0104, meaning)
  }
}
