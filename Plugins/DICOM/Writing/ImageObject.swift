internal import PonsKit

/// What kind of image is written.
enum ImageObject: Sendable {
  case mr, ct, secondaryCapture

  /// The SOP class (DICOM PS3.4 B.5).
  var sopClass: String {
    switch self {
    case .mr: "1.2.840.10008.5.1.4.1.1.4"
    case .ct: "1.2.840.10008.5.1.4.1.1.2"
    case .secondaryCapture: "1.2.840.10008.5.1.4.1.1.7"
    }
  }

  /// What a manifest can ask for.
  enum Choice: String, Codable, Sendable { case auto, mr, ct, sc }

  /// - Parameter modality: of the volume; decides when nothing else is asked for.
  init(_ choice: Choice, modality: String?) {
    switch (choice, modality) {
    case (.mr, _), (.auto, "MR"): self = .mr
    case (.ct, _), (.auto, "CT"): self = .ct
    default: self = .secondaryCapture
    }
  }
}
