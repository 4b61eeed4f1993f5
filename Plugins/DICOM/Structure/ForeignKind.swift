internal import PonsKit

/// What a file is that is no DICOM; raw values are codes for machines.
package enum ForeignKind: String, Sendable, CaseIterable {
  case text = "TEXT_FILE"
  case picture = "PICTURE"
  case document = "DOCUMENT"
  case archive = "ARCHIVE"
  case nifti = "NIFTI_FILE"
  case zeros = "ZEROS"
  case misnamed = "NOT_DICOM_BUT_NAMED_SO"
  case other = "NOT_DICOM"

  /// In words.
  package var text: String {
    switch self {
    case .text: "a text file"
    case .picture: "a picture (JPEG, PNG, BMP, GIF, TIFF)"
    case .document: "a document (PDF, office)"
    case .archive: "an archive or compressed file: unpack it if there are images in it"
    case .nifti: "a NIfTI file: read it with nifti.read"
    case .zeros: "nothing but zeros"
    case .misnamed: "named like DICOM, but it is none: is it damaged?"
    case .other: "not a DICOM file"
    }
  }

  /// What is wrong with such a file where an image should be.
  var lostImage: StageFailure {
    let what = self == .misnamed ? ForeignKind.other.text : text
    return StageFailure(
      .badInput, code: rawValue, "the file is named like the images around it, and is \(what)",
      hint: "copy the file again from where it came from")
  }

  /// Tells a file by its first bytes, and by its name where they do not help.
  init(_ front: [UInt8], path: String) {
    func begins(_ bytes: [UInt8]) -> Bool { front.starts(with: bytes) }
    let name = path.lowercased()
    func ends(_ suffixes: [String]) -> Bool { suffixes.contains { name.hasSuffix($0) } }
    if begins([0xff, 0xd8, 0xff]) || begins([0x89, 0x50, 0x4e, 0x47]) || begins(Array("BM".utf8))
      || begins(Array("GIF8".utf8)) || begins([0x49, 0x49, 0x2a, 0])
      || begins([0x4d, 0x4d, 0, 0x2a])
    {
      self = .picture
    } else if begins(Array("%PDF".utf8)) || begins([0xd0, 0xcf, 0x11, 0xe0]) {
      self = .document
    } else if ends([".nii", ".nii.gz", ".hdr", ".img.gz"]) {
      self = .nifti
    } else if begins([0x1f, 0x8b]) || begins([0x50, 0x4b, 3, 4]) || begins(Array("BZh".utf8))
      || begins([0xfd, 0x37, 0x7a, 0x58]) || begins([0x37, 0x7a, 0xbc, 0xaf])
    {
      self = .archive
    } else if front.allSatisfy({ $0 == 0 }) {
      self = .zeros
    } else if front.prefix(512).allSatisfy({ $0 >= 0x20 || [9, 10, 13].contains($0) }) {
      self = .text
    } else if ends([".dcm", ".dicom", ".ima"]) {
      self = .misnamed
    } else {
      self = .other
    }
  }
}
