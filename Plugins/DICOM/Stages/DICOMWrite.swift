internal import PonsKit

/// Writes volumes as DICOM, a series a case and a file a slice.
///
/// Images are MR Image, CT Image or Secondary Capture, uncompressed. Integers that fit into 16 bits are stored exactly; other
/// voxels with a rescale slope and intercept, off by half a step of 65536 at most. A volume that was read from DICOM stays in its study; any
/// other gets a patient that is clearly none. UIDs follow from the content.
struct DICOMWrite: Stage {
  static let volume = Input<AnyKind>(
    "volume", .each, "a volume, mask or heatmap", groundTruth: true)
  static let files = Output<FilesKind>("files", .perCase, "0001.dcm, 0002.dcm, ...: a file a slice")

  struct Parameters: StageParameters {
    var `as`: ImageObject.Choice
    var description: String?
    var series_number: Int?
    var patient_name: String
    var patient_id: String
    var study: String?

    static let schema = [
      ParameterDescriptor(
        "as", .string,
        "kind of image: MR Image, CT Image, Secondary Capture; auto goes by the modality of the volume",
        defaultValue: "auto", allowed: ["auto", "mr", "ct", "sc"]),
      ParameterDescriptor(
        "description", .string,
        "of the series; without it that of the series that the volume comes from, or 'synthetic'"),
      ParameterDescriptor(
        "series_number", .integer,
        "without it 1000 more than that of the series that the volume comes from, or 1",
        minimum: 0, maximum: 2_147_483_647),
      ParameterDescriptor(
        "patient_name", .string, "for volumes that were not read from DICOM",
        defaultValue: "ANON^SYNTHETIC"),
      ParameterDescriptor(
        "patient_id", .string, "for volumes that were not read from DICOM",
        defaultValue: "synthetic"),
      ParameterDescriptor(
        "study", .string,
        "volumes that were not read from DICOM are of one study where this and the patient are the same; without it each is of its own"
      ),
    ]

    /// What the UIDs of a series depend on.
    var identity: [String] {
      [description ?? "", series_number.map { "\($0)" } ?? "", patient_name, patient_id]
    }
  }

  static let descriptor = StageDescriptor(
    id: "dicom.write", version: "1", summary: "writes volumes as DICOM, a file a slice",
    ports: [volume, files], parameters: Parameters.schema, concurrency: .parallel,
    isTerminal: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    let packet = try context.input(Self.volume)
    guard let voxels = try packet.optionalTensor("voxels"),
      let affine = try packet.optionalTensor("affine")
    else {
      throw StageFailure(
        .badInput, code: "NOT_AN_IMAGE",
        "a packet of kind '\(packet.kind)' has no voxels to write",
        hint: "connect a volume, mask or heatmap", port: "volume")
    }
    let origin = try VolumeOrigin(metadata: packet.metadata, sidecar: packet.sidecar)
    let scratch = try context.scratch
    try voxels.withBytes { bytes in
      let writer = try SeriesWriter(
        bytes, voxels.type, shape: voxels.shape, affine: affine.array(), origin: origin,
        parameters: parameters, name: [packet.caseKey, "\(context.seed)"]
      ) { try context.checkCancelled() }
      let coding = writer.coding
      if coding.maximumError > 0 {
        context.log(
          .info, code: "RESCALED",
          "stored in 16 bits with a slope of \(coding.slope.text): voxels are off by \(coding.maximumError) at most"
        )
      }
      let names = try writer.write(bytes, to: scratch) { try context.progress($0) }
      try context.sendFiles(
        Self.files, names: names, metadata: ["maximum_error": .number(coding.maximumError)])
    }
  }
}
