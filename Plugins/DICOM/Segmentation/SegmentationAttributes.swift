internal import PonsKit

/// The attributes of a segmentation beside segments and frames: those of its patient, study, series and equipment (DICOM PS3.3 A.51),
/// and the images that it was found in.
struct SegmentationAttributes {
  let source: SourceImages
  let parameters: DICOMWriteSegmentation.Parameters
  let algorithm: SegmentationAlgorithm
  let equipment: SegmentationEquipment
  let seriesUID: String
  let instanceUID: String

  private var origin: VolumeOrigin { source.origin }

  /// Fills a header that the segmentation was moved to.
  func fill(_ header: FileHeader) throws {
    try header.set(0x0008_0018, instanceUID)
    try origin.copy(0x0010_0010, to: header)
    try origin.copy(0x0010_0020, to: header)
    try origin.copyPersonalData(to: header)
    try header.set(0x0020_000d, origin.study ?? "")
    try origin.copyStudy(to: header)
    try fillSeries(header)
    try fillContent(header)
    try fillReferences(header)
    try fillEquipment(header)
  }

  /// Added to the number of the series that the images are of; what dicom.write makes is 1000 above it.
  private static let numberOffset = 2000

  private func fillSeries(_ header: FileHeader) throws {
    try header.set(0x0020_000e, seriesUID)
    let number = origin.attribute(0x0020_0011).flatMap { Int($0) } ?? -1
    let own =
      parameters.series_number ?? (0..<1_000_000 ~= number ? number + Self.numberOffset : 1)
    try header.set(0x0020_0011, "\(own)")
    try header.set(0x0008_103e, parameters.description)
    // The side is told by the codes of the segments.
    origin.copy([0x0018_0015], to: header)
    try origin.copy(0x0020_1040, to: header)
  }

  /// The content is of the time of the images: the same input gives the same bytes, whenever.
  private func fillContent(_ header: FileHeader) throws {
    let moments: [(Tag, Tag)] = [
      (0x0008_0022, 0x0008_0032), (0x0008_0021, 0x0008_0031), (0x0008_0020, 0x0008_0030),
    ]
    let dated = moments.first { origin.attribute($0.0) != nil }
    // A segmentation must have a date (PS3.3 C.7.6.16.1); this one says that nobody knows.
    let date = dated.flatMap { origin.attribute($0.0) } ?? ""
    if date.isEmpty || !header.setIfAllowed(0x0008_0023, date) {
      try header.set(0x0008_0023, "19000101")
    }
    let time = dated.flatMap { origin.attribute($0.1) } ?? ""
    if time.isEmpty || !header.setIfAllowed(0x0008_0033, time) {
      try header.set(0x0008_0033, "000000")
    }
    try header.set(0x0062_0013, "NO")
    // What was compressed with loss once stays marked for ever (PS3.3 C.7.6.1.1.5).
    if origin.attribute(0x0028_2110) == "01" {
      origin.copy([0x0028_2110, 0x0028_2112, 0x0028_2114], to: header)
    }
  }

  /// All images, also those in which nothing was found (PS3.3 C.12.2).
  private func fillReferences(_ header: FileHeader) throws {
    try header.addItem(0x0008_1115) {
      try header.set(0x0020_000e, source.series)
      var known: Set<String> = []
      for image in source.images where known.insert(image.uid).inserted {
        try header.addItem(0x0008_114a) {
          try header.set(0x0008_1150, image.sopClass)
          try header.set(0x0008_1155, image.uid)
        }
      }
    }
  }

  /// What the images were made by, and what worked on them (PS3.3 C.12.1.1.5).
  private func fillEquipment(_ header: FileHeader) throws {
    func add(_ purpose: SegmentCode, _ fill: () throws -> Void) throws {
      try header.addItem(0x0018_a001) {
        try header.addItem(0x0040_a170) { try purpose.fill(header) }
        try fill()
      }
    }
    if origin.attribute(0x0008_0070) != nil {
      try add(SegmentCode("109101", "DCM", "Acquisition Equipment")) {
        try origin.copy(0x0008_0070, to: header, else: "unknown")
        origin.copy(
          [0x0008_0080, 0x0008_1010, 0x0008_1090, 0x0018_1000, 0x0018_1020], to: header)
      }
    }
    try add(SegmentCode("109102", "DCM", "Processing Equipment")) {
      try header.set(0x0008_0070, equipment.manufacturer)
      try header.set(0x0008_1090, equipment.model)
      try header.set(0x0018_1000, equipment.serial)
      try header.set(0x0018_1020, "\(equipment.version)\\\(algorithm.version)")
      if !algorithm.note.isEmpty { _ = header.setIfAllowed(0x0018_a003, algorithm.note) }
    }
  }
}
