internal import PonsKit

/// Writes volumes, masks and heatmaps as NIfTI, a file a case.
struct NIfTIWrite: Stage {
  static let volume = Input<AnyKind>(
    "volume", .each, "a volume, mask or heatmap", groundTruth: true)
  static let files = Output<FilesKind>("files", .perCase, "volume.nii.gz or volume.nii")

  struct Parameters: StageParameters {
    var format: ImageWriter.Format
    var level: Int

    static let schema = [
      ParameterDescriptor(
        "format", .string, "compressed or not", defaultValue: "nii.gz",
        allowed: ["nii", "nii.gz"]),
      ParameterDescriptor(
        "level", .integer, "how hard to compress: 1 is fast, 12 is small", defaultValue: 2,
        minimum: 1, maximum: 12),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "nifti.write", version: "1", summary: "writes volumes, masks and heatmaps as NIfTI",
    ports: [volume, files], parameters: Parameters.schema, concurrency: .parallel,
    isTerminal: true, takesAnyThreads: true)

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
    let writer = try ImageWriter(
      type: voxels.type, shape: voxels.shape, affine: affine.array(),
      facts: packet.metadata["nifti"], privateFacts: packet.sidecar["nifti"])
    let name = "volume." + parameters.format.rawValue
    try voxels.withBytes { bytes in
      try writer.encode(bytes, format: parameters.format, level: parameters.level) { pieces in
        try context.progress(0.5)
        try context.writeFile(name, pieces)
      }
    }
    try context.progress(1)
    try context.sendFiles(Self.files, names: [name])
  }
}
