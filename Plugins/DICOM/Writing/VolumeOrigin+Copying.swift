internal import PonsKit

/// What is made of a volume says whose it is and where it belongs, as the files did that the volume was read from.
extension VolumeOrigin {
  /// Copies attributes where the source has them; what it has against the rules is left out.
  func copy(_ tags: [Tag], to header: FileHeader) {
    for tag in tags {
      if let value = attribute(tag) { _ = header.setIfAllowed(tag, value) }
    }
  }

  /// Copies an attribute that must be there, or sets it to something else.
  func copy(_ tag: Tag, to header: FileHeader, else other: String = "") throws {
    if let value = attribute(tag), header.setIfAllowed(tag, value) { return }
    try header.set(tag, other)
  }

  /// The patient, except for name and ID.
  func copyPersonalData(to header: FileHeader) throws {
    try copy(0x0010_0030, to: header)
    try copy(0x0010_0040, to: header)
    copy([0x0010_0021, 0x0010_1010, 0x0010_1020, 0x0010_1030], to: header)
  }

  /// The study, except for its UID.
  func copyStudy(to header: FileHeader) throws {
    for tag: Tag in [0x0008_0020, 0x0008_0030, 0x0008_0050, 0x0008_0090, 0x0020_0010] {
      try copy(tag, to: header)
    }
    copy([0x0008_1030], to: header)
  }
}
