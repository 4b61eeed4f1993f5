internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Takes what is bright for the lesion: the rule that every method has to beat.
///
/// The volume is smoothed (a Gaussian, cut at 4 standard deviations, outermost voxels continued); what is brighter than a percentile of
/// the smoothed brain is opened with the full 3 x 3 x 3 element, and small components are taken away (26-connected).
struct ROIBright: Stage {
  static let volume = Input<VolumeKind>(
    "volume", .each, "the image, skull-stripped; of [c, z, y, x] the first channel is used")
  static let brain = Input<MaskKind>(
    "brain", .each,
    "where the percentile is measured and lesions may be; without it, where the image is not 0",
    optional: true, sameGrid: "volume")
  static let mask = Output<MaskKind>("mask", .perCase, "what is bright", sameGrid: "volume")

  struct Parameters: StageParameters {
    var percentile: Double
    var smoothing: Double
    var opening: Bool
    var keep: Double

    static let schema = [
      ParameterDescriptor(
        "percentile", .number, "of the brain's brightness: what is brighter is taken",
        defaultValue: 97, minimum: 0, maximum: 100, unit: "percent"),
      ParameterDescriptor(
        "smoothing", .number, "standard deviation of the Gaussian; 0: none", defaultValue: 2,
        minimum: 0, maximum: 20, unit: "mm"),
      ParameterDescriptor(
        "opening", .boolean, "take away what is thinner than 3 x 3 x 3 voxels", defaultValue: true),
      ParameterDescriptor(
        "keep", .number,
        "components with fewer voxels than this part of the largest one's are taken away; 0 keeps all, 1 the largest",
        defaultValue: 1, minimum: 0, maximum: 1),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "roi.bright", version: "1", summary: "takes what is bright for the lesion, a baseline",
    ports: [volume, brain, mask], parameters: Parameters.schema, concurrency: .parallel,
    takesAnyThreads: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    let brain = try context.optionalInput(Self.brain).map { try GridPacket($0, port: "brain") }
    try brain?.require(volume.grid, port: "brain", "the brain mask and the volume")
    let size = volume.size
    var metadata: [String: JSON] = ["labels": ["lesion"]]
    if let grid = try volume.packet.metadata["grid"] { metadata["grid"] = grid }
    try context.send(
      Self.mask, tensors: MaskKind.tensors(shape: [size.z, size.y, size.x], type: .uint8),
      metadata: metadata, sidecar: volume.packet.sidecar.object ?? [:]
    ) { draft in
      try draft.fillAffine(volume.grid.affine.rowMajor)
      let mask = try draft.elements("voxels", of: UInt8.self)
      let smooth = UnsafeMutableBufferPointer<Float>.allocate(capacity: size.count)
      defer { smooth.deallocate() }
      try smoothed(volume, to: smooth, context)
      if let brain {
        try brain.withMask { _ = mask.update(fromContentsOf: $0) }
      } else {
        for z in 0..<size.z {
          let slice = smooth[z * size.sliceCount..<(z + 1) * size.sliceCount]
          for index in slice.indices { mask[index] = slice[index] != 0 ? 1 : 0 }
        }
      }
      guard let limit = limit(of: smooth, where: mask, threads: context.threads) else {
        return mask.update(repeating: 0)
      }
      for index in mask.indices {
        mask[index] = mask[index] != 0 && Double(smooth[index]) > limit ? 1 : 0
      }
      try context.checkCancelled()
      Region.clean(
        mask, size, opening: parameters.opening, keep: parameters.keep, threads: context.threads)
      draft.metadata["region"] = [
        "percentile": .number(parameters.percentile), "limit": .number(limit),
      ]
    }
  }

  /// Writes the smoothed first channel; NaN and infinities are 0.
  private func smoothed(
    _ volume: GridPacket<VolumeKind>, to result: UnsafeMutableBufferPointer<Float>,
    _ context: Context
  ) throws {
    let size = volume.size
    let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: size.count)
    defer { copy.deallocate() }
    for z in 0..<size.z {
      let part = UnsafeMutableBufferPointer(
        rebasing: copy[z * size.sliceCount..<(z + 1) * size.sliceCount])
      try volume.copySlice(z, to: part)
      for index in part.indices where !part[index].isFinite { part[index] = 0 }
    }
    let smoothing = Resampling(
      from: volume.grid, onto: volume.grid, smoothing: parameters.smoothing)
    smoothing.run(
      Voxels(.float32, UnsafeRawBufferPointer(copy)), to: result, threads: context.threads)
  }

  private func limit(
    of values: UnsafeMutableBufferPointer<Float>, where mask: UnsafeMutableBufferPointer<UInt8>,
    threads: Int
  ) -> Double? {
    Voxels(.float32, UnsafeRawBufferPointer(values)).percentiles(
      [parameters.percentile], of: .mask(UnsafeBufferPointer(mask)), threads: threads)?.first
  }
}
