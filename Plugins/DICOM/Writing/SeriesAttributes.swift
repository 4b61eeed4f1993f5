internal import PonsKit

/// The attributes that all files of a series have: those of the image's modules (DICOM PS3.3 A.2, A.4, A.8).
///
/// Patient, study, frame of reference and equipment are those of the series that the volume was read from. A volume that
/// was not read from DICOM gets a patient whose name says that there is none.
struct SeriesAttributes: Sendable {
  let object: ImageObject
  let origin: VolumeOrigin
  let grid: SliceGrid
  let coding: PixelCoding
  let range: VoxelRange
  /// Of a slice.
  let rows: Int
  let columns: Int
  let parameters: DICOMWrite.Parameters
  /// UIDs of the series, and of a study and a frame of reference when the volume brings none.
  let seriesUID: String
  let ownStudyUID: String
  let ownFrameUID: String

  /// Fills a header with everything but what differs from slice to slice.
  func fill(_ header: FileHeader) throws {
    try header.set(0x0008_0016, object.sopClass)
    try fillPatient(header)
    try fillStudy(header)
    try fillSeries(header)
    try fillEquipment(header)
    try fillImage(header)
    try fillAcquisition(header)
    try fillPlane(header)
    try fillPixels(header)
    try fillValues(header)
  }

  // MARK: Modules

  private func fillPatient(_ header: FileHeader) throws {
    if origin.isKnown {
      try origin.copy(0x0010_0010, to: header)
      try origin.copy(0x0010_0020, to: header)
    } else {
      try require(header, 0x0010_0010, parameters.patient_name, "patient_name")
      try require(header, 0x0010_0020, parameters.patient_id, "patient_id")
    }
    try origin.copyPersonalData(to: header)
  }

  /// Sets what the manifest says.
  private func require(_ header: FileHeader, _ tag: Tag, _ value: String, _ parameter: String)
    throws
  {
    if header.setIfAllowed(tag, value) { return }
    throw StageFailure(
      .badParameter, "'\(parameter)' is nothing that DICOM allows in \(tag.shown)",
      hint: "at most 64 characters, and no backslash", parameter: parameter)
  }

  private func fillStudy(_ header: FileHeader) throws {
    if !header.setIfAllowed(0x0020_000d, origin.study ?? "") || origin.study == nil {
      try header.set(0x0020_000d, ownStudyUID)
    }
    try origin.copyStudy(to: header)
  }

  /// Added to the number of the series that the volume comes from.
  private static let numberOffset = 1000

  private func fillSeries(_ header: FileHeader) throws {
    let own = object == .mr ? "MR" : object == .ct ? "CT" : origin.modality ?? "OT"
    try header.set(0x0008_0060, own)
    try header.set(0x0020_000e, seriesUID)
    let source = origin.attribute(0x0020_0011).flatMap { Int($0) } ?? -1
    let number =
      parameters.series_number ?? (0..<1_000_000 ~= source ? source + Self.numberOffset : 1)
    try header.set(0x0020_0011, "\(number)")
    if let description = parameters.description {
      try require(header, 0x0008_103e, description, "description")
    } else if origin.isKnown {
      origin.copy([0x0008_103e], to: header)
    } else {
      try header.set(0x0008_103e, "synthetic")
    }
    origin.copy([0x0018_0015, 0x0020_0060], to: header)
    // Which side it is must be said, or left open, unless the body part has no sides.
    if origin.attribute(0x0018_0015) == nil, origin.attribute(0x0020_0060) == nil {
      try header.set(0x0020_0060, "")
    }
    if object != .secondaryCapture {
      try origin.copy(0x0018_5100, to: header)
      origin.copy([0x0018_1030], to: header)
    }
    if !header.setIfAllowed(0x0020_0052, origin.frameOfReference ?? "")
      || origin.frameOfReference == nil
    {
      try header.set(0x0020_0052, ownFrameUID)
    }
    try origin.copy(0x0020_1040, to: header)
  }

  private func fillEquipment(_ header: FileHeader) throws {
    try origin.copy(0x0008_0070, to: header, else: origin.isKnown ? "" : "Pons")
    origin.copy([0x0008_0080, 0x0008_1010, 0x0008_1090, 0x0018_1000, 0x0018_1020], to: header)
  }

  private func fillImage(_ header: FileHeader) throws {
    switch object {
    case .mr: try header.set(0x0008_0008, "DERIVED\\SECONDARY\\OTHER")
    case .ct: try header.set(0x0008_0008, "DERIVED\\SECONDARY\\AXIAL")
    case .secondaryCapture:
      try header.set(0x0008_0008, "DERIVED\\SECONDARY")
      // A workstation made it of other images (PS3.3 C.8.6.1).
      try header.set(0x0008_0064, "WSD")
      try header.set(0x0020_0020, "")
    }
    try header.set(0x0008_2111, "made by Pons from a volume")
    origin.copy([0x0008_0022, 0x0008_0032], to: header)
    // What was compressed with loss once stays marked for ever (PS3.3 C.7.6.1.1.5).
    origin.copy([0x0028_2110, 0x0028_2112, 0x0028_2114], to: header)
  }

  /// How the images were made, when it was by the same modality.
  private func fillAcquisition(_ header: FileHeader) throws {
    let isOwn = origin.isKnown && origin.attribute(0x0008_0060) == (object == .mr ? "MR" : "CT")
    func fill(_ tag: Tag, else other: String = "") throws {
      if isOwn { try origin.copy(tag, to: header, else: other) } else { try header.set(tag, other) }
    }
    switch object {
    case .secondaryCapture: return
    case .mr:
      // Research mode, no variant: the terms for a sequence that nobody can name (PS3.3 C.8.3.1.1).
      try fill(0x0018_0020, else: "RM")
      try fill(0x0018_0021, else: "NONE")
      for tag: Tag in [0x0018_0022, 0x0018_0023, 0x0018_0080, 0x0018_0081, 0x0018_0091] {
        try fill(tag)
      }
      if origin.attribute(0x0018_0020)?.contains("IR") == true { try fill(0x0018_0082) }
      if isOwn { origin.copy([0x0018_0082, 0x0018_0087, 0x0018_1314], to: header) }
    case .ct:
      try fill(0x0018_0060)
      try header.set(0x0020_0012, "")
      if isOwn { origin.copy([0x0018_1210], to: header) }
    }
  }

  private func fillPlane(_ header: FileHeader) throws {
    try header.set(0x0020_0037, DecimalString.list(grid.orientation))
    try header.set(0x0028_0030, DecimalString.list(grid.spacing))
    let thickness = origin.thickness(atDistance: grid.distance) ?? grid.distance
    try header.set(0x0018_0050, DecimalString(thickness).text)
    try header.set(0x0018_0088, DecimalString(grid.distance).text)
  }

  private func fillPixels(_ header: FileHeader) throws {
    try header.set(0x0028_0002, "1")
    try header.set(0x0028_0004, "MONOCHROME2")
    try header.set(0x0028_0010, "\(rows)")
    try header.set(0x0028_0011, "\(columns)")
    try header.set(0x0028_0100, "\(coding.bitsAllocated)")
    try header.set(0x0028_0101, "\(coding.bitsStored)")
    try header.set(0x0028_0102, "\(coding.bitsStored - 1)")
    try header.set(0x0028_0103, coding.isSigned ? "1" : "0")
  }

  private func fillValues(_ header: FileHeader) throws {
    // The standard has no rescaling in the MR image; scanners write it all the same, and readers apply it.
    if object == .ct || coding.isRescaled {
      try header.set(0x0028_1052, coding.intercept.text)
      try header.set(0x0028_1053, coding.slope.text)
      try header.set(0x0028_1054, object == .ct ? "HU" : "US")
    }
    // Hounsfield units mean the same in every volume, so the scanner's windows stay right.
    if object == .ct, let center = origin.attribute(0x0028_1050),
      let width = origin.attribute(0x0028_1051), header.setIfAllowed(0x0028_1050, center),
      header.setIfAllowed(0x0028_1051, width)
    {
      return
    }
    let width = range.maximum - range.minimum
    // A window is 1 wide at least (PS3.3 C.11.2.1.2.1).
    if width >= 1 {
      try header.set(0x0028_1050, DecimalString(range.minimum + width / 2).text)
      try header.set(0x0028_1051, DecimalString(width).text)
    }
  }
}
