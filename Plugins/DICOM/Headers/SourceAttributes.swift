internal import PonsKit

/// Attributes of patient, study, series and equipment that travel with a volume, so that DICOM which is made of it belongs to
/// the same study. Patient data: they go into the sidecar only.
enum SourceAttributes {
  static let tags: [Tag] = [
    0x0010_0010, 0x0010_0020, 0x0010_0021, 0x0010_0030, 0x0010_0040, 0x0010_1010, 0x0010_1020,
    0x0010_1030, 0x0008_0020, 0x0008_0021, 0x0008_0022, 0x0008_0030, 0x0008_0031, 0x0008_0032,
    0x0008_0050, 0x0008_0060, 0x0008_0070, 0x0008_0080, 0x0008_0090, 0x0008_1010, 0x0008_1030,
    0x0008_103e, 0x0008_1090, 0x0018_0015, 0x0018_0020, 0x0018_0021, 0x0018_0022, 0x0018_0023,
    0x0018_0050, 0x0018_0060, 0x0018_0080, 0x0018_0081, 0x0018_0082, 0x0018_0087, 0x0018_0088,
    0x0018_0091, 0x0018_1000, 0x0018_1020, 0x0018_1030, 0x0018_1210, 0x0018_1314, 0x0018_5100,
    0x0020_000d, 0x0020_000e, 0x0020_0010, 0x0020_0011, 0x0020_0052, 0x0020_0060, 0x0020_1040,
    0x0028_1050,
    0x0028_1051, 0x0028_2110, 0x0028_2112, 0x0028_2114,
  ]

  /// Values by tag ("00100010"), several joined by backslashes, in UTF-8.
  static func read(_ path: String) throws -> [String: JSON] {
    guard case .dicom(let file) = try DICOMFile.open(path) else { return [:] }
    let root = try file.attributes().root
    var values: [String: JSON] = [:]
    for tag in tags {
      guard let text = root.text(tag) else { continue }
      let digits = String(tag, radix: 16, uppercase: true)
      values[String(repeating: "0", count: 8 - digits.count) + digits] = .string(text)
    }
    return values
  }
}
