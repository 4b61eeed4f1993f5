internal import PonsKit

/// Where a volume comes from: what its packet tells about patient, study and equipment. Patient data.
struct VolumeOrigin: Sendable {
  /// `MR`, `CT`, ..., or nil when nobody knows.
  let modality: String?
  private let attributes: [String: JSON]
  private let studyUID: String
  private let frameOfReferenceUID: String
  private let facts: JSON
  private let scaling: JSON

  init(metadata: JSON, sidecar: JSON) {
    let dicom = sidecar["dicom"] ?? [:]
    attributes = dicom["attributes"]?.object ?? [:]
    studyUID = dicom["study_uid"]?.string ?? ""
    frameOfReferenceUID = dicom["frame_of_reference_uid"]?.string ?? ""
    facts = metadata["dicom"] ?? [:]
    scaling = metadata["rescale"] ?? [:]
    let modality = metadata["modality"]?.string ?? ""
    let isCode =
      (1...16).contains(modality.utf8.count)
      && modality.utf8.allSatisfy { (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) }
    self.modality = isCode ? modality : nil
  }

  /// Whether it was read from DICOM, so that it has a patient and a study.
  var isKnown: Bool { !studyUID.isEmpty && !attributes.isEmpty }

  /// Everything of it that files of a series repeat.
  var identity: String {
    JSON.object([
      "attributes": .object(attributes), "study": .string(studyUID),
      "frame": .string(frameOfReferenceUID),
    ]).canonical
  }

  /// The study that the volume belongs to, and the coordinate system that its affine refers to.
  var study: String? { isKnown ? studyUID : nil }
  var frameOfReference: String? {
    isKnown && !frameOfReferenceUID.isEmpty ? frameOfReferenceUID : nil
  }

  /// An attribute of the first image that the volume was made of; nil when it had none, or an empty one.
  func attribute(_ tag: Tag) -> String? {
    let digits = String(tag, radix: 16, uppercase: true)
    guard
      let value = attributes[String(repeating: "0", count: 8 - digits.count) + digits]?.string,
      !value.isEmpty
    else { return nil }
    return value
  }

  /// What the scanner's pixels were multiplied with and what was added, when it was the same for all slices.
  var rescale: (slope: Double, intercept: Double)? {
    guard scaling["applied"]?.bool == true, let slope = scaling["slope"]?.number,
      let intercept = scaling["intercept"]?.number, slope != 0
    else { return nil }
    return (slope, intercept)
  }

  /// The thickness of slices, as long as they are as far apart as the scanner's were.
  func thickness(atDistance distance: Double) -> Double? {
    guard let known = facts["slice_thickness"]?.number, known > 0,
      let spacing = facts["spacing"]?[2]?.number, abs(spacing - distance) <= 1e-3 * distance
    else { return nil }
    return known
  }
}
