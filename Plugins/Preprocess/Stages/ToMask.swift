internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Takes a volume as a mask: labels that somebody drew and stored as an image, or what is brighter than a limit.
///
/// The mask is 1 where the value is one of `values`, or greater than `above`; when neither is set, where it is not 0. NaN
/// counts as 0.
struct ToMask: Stage {
  static let volume = Input<VolumeKind>(
    "volume", .each, "an image of labels, or any other; of [c, z, y, x] the first channel is used",
    groundTruth: true)
  static let mask = Output<MaskKind>("mask", .perCase, "0 and 1", sameGrid: "volume")

  struct Parameters: StageParameters {
    var values: [Int]
    var above: Double?
    var name: String

    static let schema = [
      ParameterDescriptor(
        "values", .array(.integer), "these values belong to the mask: [1, 2, 4]",
        defaultValue: []),
      ParameterDescriptor("above", .number, "greater values belong to the mask"),
      ParameterDescriptor("name", .string, "what the mask shows", defaultValue: "lesion"),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "preprocess.to-mask", version: "1", summary: "takes a volume as a mask",
    ports: [volume, mask], parameters: Parameters.schema, concurrency: .parallel,
    takesAnyThreads: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) throws {
    if !parameters.values.isEmpty, parameters.above != nil {
      throw StageFailure(
        .badParameter, "both values and above are set", hint: "choose one", parameter: "above")
    }
    self.parameters = parameters
  }

  func process(_ context: Context) throws {
    let image = try GridPacket(context.input(Self.volume), port: "volume")
    let type = try image.type
    let size = image.grid.size
    let values = Set(parameters.values.map(Double.init))
    var metadata = try image.packet.metadata.object?.withoutDisplayRange ?? [:]
    metadata["labels"] = [.string(parameters.name)]
    try context.send(
      Self.mask, tensors: MaskKind.tensors(shape: [size.z, size.y, size.x], type: .uint8),
      metadata: metadata, sidecar: image.sidecar()
    ) { draft in
      try draft.fillAffine(image.grid.affine.rowMajor)
      let mask = try draft.elements("voxels", of: UInt8.self)
      let slice = UnsafeMutableBufferPointer<Float>.allocate(capacity: size.sliceCount)
      defer { slice.deallocate() }
      try image.voxels.withBytes { bytes in
        for z in 0..<size.z {
          try context.checkCancelled()
          let start = z * size.sliceCount
          // NaN becomes 0.
          LinearIntensity().apply(
            Voxels(type, bytes.part(0, of: image.channels))[start..<start + size.sliceCount],
            to: slice)
          for place in 0..<size.sliceCount {
            let value = Double(slice[place])
            let belongs =
              parameters.above.map { value > $0 }
              ?? (values.isEmpty ? value != 0 : values.contains(value))
            mask[start + place] = belongs ? 1 : 0
          }
        }
      }
    }
  }
}
