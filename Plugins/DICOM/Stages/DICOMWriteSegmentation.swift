internal import PonsGrids
internal import PonsKit

/// Writes masks as DICOM Segmentation objects, for PACS and viewers that show them over the images that they were found in.
///
/// The object belongs to the study of these images and refers to each by its UID. UIDs follow from the content: the same input
/// gives the same bytes.
struct DICOMWriteSegmentation: Stage {
  static let mask = Input<MaskKind>(
    "mask", .each, "on the grid that was read: put restore.grid before")
  static let volume = Input<VolumeKind>(
    "volume", .each,
    "of dicom.read, which knows the images; may be left out where the mask was made of one",
    optional: true)
  static let files = Output<FilesKind>("files", .perCase, "segmentation.dcm")

  struct Parameters: StageParameters {
    var category: [String]
    var type: [String]
    var region: String
    var algorithm: String?
    var algorithm_version: String?
    var content_label: String
    var description: String
    var series_number: Int?
    var creator: String
    var manufacturer: String
    var model: String
    var serial: String
    var empty: Empty

    /// What becomes of a mask without a voxel.
    enum Empty: String, Codable, Sendable { case frames, refuse }

    static let schema = [
      ParameterDescriptor(
        "category", .array(.string),
        "what kind of thing the segments are, as VALUE^SCHEME^MEANING (DICOM PS3.16 CID 7150); one for all labels, or one for each",
        defaultValue: [.string(SegmentCode.abnormal.text)]),
      ParameterDescriptor(
        "type", .array(.string),
        "what the segments are (CID 7151 to 7165); one for all labels, or one for each",
        defaultValue: [.string(SegmentCode.neoplasm.text)]),
      ParameterDescriptor(
        "region", .string, "of the body (CID 4031); empty: not said",
        defaultValue: .string(SegmentCode.brain.text)),
      ParameterDescriptor(
        "algorithm", .string,
        "what found the segments; without it what the mask says, or Pons"),
      ParameterDescriptor(
        "algorithm_version", .string,
        "without it what the mask says (of a trained network the digest of its weights), or that of Pons"
      ),
      ParameterDescriptor(
        "content_label", .string, "upper case letters, digits and underscores, at most 16",
        defaultValue: "SEGMENTATION"),
      ParameterDescriptor(
        "description", .string, "of the series and of the content", defaultValue: "segmentation"),
      ParameterDescriptor(
        "series_number", .integer,
        "without it 2000 more than that of the series that the mask was found in", minimum: 0,
        maximum: 2_147_483_647),
      ParameterDescriptor("creator", .string, "a person's name, or nobody", defaultValue: ""),
      ParameterDescriptor(
        "manufacturer", .string, "of what makes the segmentation", defaultValue: "Pons"),
      ParameterDescriptor("model", .string, "of the same", defaultValue: "Pons"),
      ParameterDescriptor("serial", .string, "number of the same", defaultValue: "0"),
      ParameterDescriptor(
        "empty", .string,
        "a mask without a voxel: frames writes an empty frame for each label and image, which says that every image was "
          + "looked at; refuse refuses the case",
        defaultValue: "frames", allowed: ["frames", "refuse"]),
    ]

    /// What the UIDs of the object depend on.
    var identity: [String] {
      category + type
        + [
          region, content_label, description, series_number.map { "\($0)" } ?? "", creator,
          manufacturer, model, serial,
        ]
    }

    var equipment: SegmentationEquipment {
      SegmentationEquipment(
        manufacturer: manufacturer, model: model, serial: serial, version: dicomVersion)
    }

    var regionCode: SegmentCode? {
      get throws { region.isEmpty ? nil : try SegmentCode(region, parameter: "region") }
    }

    /// The code of a label, counted from 0, in a list that has one for all, or one for each.
    func code(_ list: [String], _ index: Int, _ parameter: String) throws -> SegmentCode {
      guard let text = list.count == 1 ? list[0] : list.indices.contains(index) ? list[index] : nil
      else {
        throw StageFailure(
          .badParameter,
          "there are \(list.count) codes, and the mask has a label \(index + 1)",
          hint: "write one code for all labels, or one for each", parameter: parameter)
      }
      return try SegmentCode(text, parameter: parameter)
    }
  }

  static let descriptor = StageDescriptor(
    id: "dicom.write-seg", version: "1",
    summary: "writes masks as DICOM Segmentation objects that refer to their images",
    ports: [mask, volume, files], parameters: Parameters.schema, concurrency: .parallel,
    isTerminal: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) throws {
    self.parameters = parameters
    for (list, name) in [(parameters.category, "category"), (parameters.type, "type")] {
      if list.isEmpty {
        throw StageFailure(.badParameter, "there must be a code", parameter: name)
      }
      for text in list { _ = try SegmentCode(text, parameter: name) }
    }
    _ = try parameters.regionCode
    let header = try FileHeader()
    let texts: [(String, Tag, String?)] = [
      ("algorithm", 0x0062_0009, parameters.algorithm),
      ("algorithm_version", 0x0066_0031, parameters.algorithm_version),
      ("content_label", 0x0070_0080, parameters.content_label),
      ("description", 0x0008_103e, parameters.description),
      ("manufacturer", 0x0008_0070, parameters.manufacturer),
      ("model", 0x0008_1090, parameters.model), ("serial", 0x0018_1000, parameters.serial),
    ]
    for case (let name, let tag, let value?) in texts
    where value.isEmpty || !header.setIfAllowed(tag, value) {
      throw Self.refused(name, tag)
    }
    if !header.setIfAllowed(0x0070_0084, parameters.creator) {
      throw Self.refused("creator", 0x0070_0084)
    }
  }

  private static func refused(_ name: String, _ tag: Tag) -> StageFailure {
    StageFailure(
      .badParameter, "'\(name)' is nothing that DICOM allows in \(tag.shown)",
      hint: "1 to 64 characters, and no backslash", parameter: name)
  }

  func process(_ context: Context) throws {
    let mask = try GridPacket(context.input(Self.mask), port: "mask")
    let source: SourceImages
    if let volume = try context.optionalInput(Self.volume) {
      source = try SourceImages(
        metadata: volume.metadata, sidecar: volume.sidecar,
        own: GridPacket(volume, port: "volume").grid, port: "volume")
    } else {
      source = try SourceImages(
        metadata: mask.packet.metadata, sidecar: mask.packet.sidecar, own: mask.grid,
        port: "mask")
    }
    let scratch = try context.scratch
    try mask.withMask { voxels in
      var writer = try SegmentationWriter(
        voxels, labels: mask.packet.labels, on: mask.grid, source, parameters,
        metadata: mask.packet.metadata, seed: context.seed)
      let name = "segmentation.dcm"
      try writer.write(to: "\(scratch)/\(name)") { try context.progress($0) }
      let isEmpty = writer.counts.allSatisfy { $0 == 0 }
      if isEmpty {
        context.log(
          .notice, code: "EMPTY_MASK", "nothing was found: the segmentation has empty frames only")
      }
      try context.sendFiles(
        Self.files, names: [name],
        metadata: [
          "frames": .integer(Int64(writer.frames)), "empty": .bool(isEmpty),
          "voxels": .array(writer.counts.map { .integer(Int64($0)) }),
        ])
    }
  }
}
