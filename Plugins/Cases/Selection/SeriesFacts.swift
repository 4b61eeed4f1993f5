internal import PonsKit

/// What is known about a volume: the value of `dicom` in its metadata. Everything may be missing.
struct SeriesFacts: Sendable {
  private let json: JSON

  init(_ json: JSON) { self.json = json }

  private func text(_ name: String) -> String? {
    guard let text = json[name]?.string, !text.isEmpty else { return nil }
    return text
  }

  /// Why the volume cannot be read, as a code.
  var problem: String? { text("problem") }

  var modality: String? { text("modality") }
  /// Free text of the scanner; never shown.
  var descriptions: [String] { [text("description"), text("protocol")].compactMap { $0 } }
  /// `axial`, `coronal`, `sagittal` or `oblique`.
  var orientation: String? { text("orientation") }
  var isLocalizer: Bool? { json["localizer"]?.bool }
  var hasContrast: Bool? { json["contrast"]?.bool }
  var thickness: Double? { json["slice_thickness"]?.number }
  var imageType: [String]? {
    guard let values = json["image_type"]?.array, !values.isEmpty else { return nil }
    return values.compactMap(\.string)
  }

  /// Slices of a volume; of one that could not be read, nothing but the number of images is known.
  var slices: Int? {
    if problem != nil { return nil }
    return json["slices"]?.integer.map { Int($0) }
  }

  /// The most slices that a volume can have which could not be read.
  var images: Int? { json["images"]?.integer.map { Int($0) } }

  /// Series number, and number of the volume in the series.
  var number: Int? { json["number"]?.integer.map { Int($0) } }
  var volume: Int? { json["volume"]?.integer.map { Int($0) } }

  /// "series 4 (axial, 24 slices)": enough to find it, and nothing about the patient.
  var shown: String {
    var parts = [orientation, slices.map { $0 == 1 ? "1 slice" : "\($0) slices" }].compactMap { $0 }
    if let volumes = json["volumes_in_series"]?.integer, volumes > 1, let volume {
      parts.insert("volume \(volume) of \(volumes)", at: 0)
    }
    let series = number.map { "series \($0)" } ?? "a series without number"
    return parts.isEmpty ? series : "\(series) (\(parts.joined(separator: ", ")))"
  }
}
