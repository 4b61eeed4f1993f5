internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Crops a volume to what is not background and normalises its intensities.
///
/// With a mask, only its voxels are looked at, and all others are taken as 0; without one, voxels that are 0 are the
/// background. Voxels outside go through the same formula as 0, so that background stays darkest. NaN counts as 0.
/// Each channel of a `[c, z, y, x]` volume is normalised by itself. The defaults are those of CLISC (Ma et al., ISBI
/// 2025): crop, clip at the 99.9th percentile, z-score.
struct Normalize: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "what is normalised")
  static let mask = Input<MaskKind>(
    "mask", .each, "what is not background, a brain mask", optional: true, sameGrid: "volume")
  static let normalized = Output<VolumeKind>("volume", .perCase, "the volume, float32")
  static let croppedMask = Output<MaskKind>(
    "mask", .perCase, "the mask, cropped as the volume", optional: true)

  struct Parameters: StageParameters {
    var crop: Bool
    var margin: Int
    var clip_low: Double
    var clip_high: Double
    var method: IntensityMethod
    var over: Measured
    var bins: Int

    static let schema = [
      ParameterDescriptor(
        "crop", .boolean, "crop to the box around the mask, or around everything but 0",
        defaultValue: true),
      ParameterDescriptor(
        "margin", .integer, "how much larger the box is on every side", defaultValue: 0,
        minimum: 0, maximum: 1000, unit: "voxels"),
      ParameterDescriptor(
        "clip_low", .number, "percentile below which intensities are clipped; 0: not at all",
        defaultValue: 0, minimum: 0, maximum: 100, unit: "percent"),
      ParameterDescriptor(
        "clip_high", .number, "percentile above which intensities are clipped; 100: not at all",
        defaultValue: 99.9, minimum: 0, maximum: 100, unit: "percent"),
      ParameterDescriptor(
        "method", .string,
        "zscore: mean 0 and standard deviation 1; minmax: 0 to 1; equalize: 0 to 1, each about as "
          + "frequent; none",
        defaultValue: "zscore", allowed: IntensityMethod.allCases.map { .string($0.rawValue) }),
      ParameterDescriptor(
        "over", .string,
        "which voxels are measured when there is no mask: those that are not 0, or all",
        defaultValue: "nonzero", allowed: ["nonzero", "all"]),
      ParameterDescriptor(
        "bins", .integer, "bins of the histogram for equalize", defaultValue: 256, minimum: 2,
        maximum: 65536),
    ]

    enum Measured: String, Codable, Sendable { case nonzero, all }
  }

  static let descriptor = StageDescriptor(
    id: "preprocess.normalize", version: "1",
    summary: "crops to what is not background and normalises intensities",
    ports: [volume, mask, normalized, croppedMask], parameters: Parameters.schema,
    concurrency: .parallel, takesAnyThreads: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) throws {
    if parameters.clip_low >= parameters.clip_high {
      throw StageFailure(
        .badParameter,
        "clip_low \(parameters.clip_low) is not below clip_high \(parameters.clip_high)",
        parameter: "clip_low")
    }
    self.parameters = parameters
  }

  func process(_ context: Context) throws {
    let image = try GridPacket(context.input(Self.volume), port: "volume")
    let mask = try context.optionalInput(Self.mask).map { try GridPacket($0, port: "mask") }
    if let mask, mask.grid.size != image.grid.size || mask.channels != nil {
      throw StageFailure(
        .badInput, code: "GRID_MISMATCH",
        "the mask has the shape \(mask.voxels.shape), the volume \(image.voxels.shape)",
        port: "mask")
    }
    let box = try box(image, mask, threads: context.threads)
    let map = LatticeMap(cropping: box)
    let new = map.grid(of: image.grid, size: box.size)
    try context.progress(0.1)
    try send(context, image, mask, map, new)
    if let mask, context.wanted(Self.croppedMask) {
      try mask.send(
        context, to: Self.croppedMask, on: new, along: map, metadata: mask.metadata(on: new))
    }
  }

  private func box(
    _ image: GridPacket<VolumeKind>, _ mask: GridPacket<MaskKind>?, threads: Int
  ) throws -> IndexBox {
    let size = image.grid.size
    var box: IndexBox?
    if let mask {
      box = try mask.voxels.withElements(of: UInt8.self) {
        Voxels($0).nonzeroBox(size, threads: threads)
      }
    } else {
      let type = try image.type
      image.voxels.withBytes { bytes in
        for channel in 0..<(image.channels ?? 1) {
          let part = Voxels(type, bytes.part(channel, of: image.channels))
          guard let found = part.nonzeroBox(size, threads: threads) else { continue }
          box = box?.union(found) ?? found
        }
      }
    }
    guard let box else {
      throw StageFailure(
        .badInput, code: "EMPTY", "every voxel of the \(mask == nil ? "volume" : "mask") is 0",
        port: mask == nil ? "volume" : "mask")
    }
    return parameters.crop ? box.grown(by: parameters.margin, within: size) : size.box
  }

  private func send(
    _ context: Context, _ image: GridPacket<VolumeKind>, _ mask: GridPacket<MaskKind>?,
    _ map: LatticeMap, _ new: Grid
  ) throws {
    let normalization = Normalization(
      method: parameters.method, clip: (parameters.clip_low, parameters.clip_high),
      bins: parameters.bins, countsZero: parameters.over == .all, threads: context.threads)
    let type = try image.type
    let isWhole = new.size == image.grid.size
    // Cropped voxels stand apart in memory; they are measured more than once, so they are brought together first.
    let cropped = Scratch(isWhole ? 0 : new.size.count * type.size)
    let croppedMask = Scratch(isWhole || mask == nil ? 0 : new.size.count)
    func crop<Result>(
      _ bytes: UnsafeRawBufferPointer, _ elementSize: Int, _ scratch: Scratch,
      _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
      if isWhole { return try body(bytes) }
      map.copy(
        bytes, image.grid.size, to: scratch.bytes, new.size, elementSize: elementSize,
        threads: context.threads)
      return try body(UnsafeRawBufferPointer(scratch.bytes))
    }
    func withMask<Result>(
      _ body: (UnsafeBufferPointer<UInt8>?) throws -> Result
    ) throws -> Result {
      guard let mask else { return try body(nil) }
      return try mask.voxels.withElements(of: UInt8.self) { elements in
        try crop(UnsafeRawBufferPointer(elements), 1, croppedMask) {
          try body($0.bindMemory(to: UInt8.self))
        }
      }
    }
    try context.send(
      Self.normalized, tensors: VolumeKind.tensors(shape: image.shape(new.size), type: .float32),
      metadata: image.metadata(on: new).withoutDisplayRange, sidecar: image.sidecar()
    ) { draft in
      try draft.fillAffine(new.affine.rowMajor)
      let output = try draft.bytes("voxels")
      var facts: [JSON] = []
      var maskCount: Int?
      let channels = image.channels
      try withMask { mask in
        maskCount = mask.map { mask in mask.count { $0 != 0 } }
        try image.voxels.withBytes { bytes in
          for channel in 0..<(channels ?? 1) {
            try crop(bytes.part(channel, of: channels), type.size, cropped) { part in
              try context.checkCancelled()
              let result = output.part(channel, of: channels).bindMemory(to: Float.self)
              facts.append(try normalization.apply(Voxels(type, part), mask: mask, to: result))
            }
          }
        }
      }
      var noted: [String: JSON] = [
        "method": .string(parameters.method.rawValue), "channels": .array(facts),
      ]
      // In a normalised volume it cannot be seen any more.
      noted["mask_ml"] = maskCount.map { .number(Double($0) * abs(new.affine.determinant) / 1000) }
      draft.metadata["normalization"] = .object(noted)
    }
  }
}

/// Memory for a while.
private final class Scratch {
  let bytes: UnsafeMutableRawBufferPointer
  init(_ count: Int) { bytes = .allocate(byteCount: count, alignment: 64) }
  deinit { bytes.deallocate() }
}

extension [String: JSON] {
  /// Without the range of intensities that the NIfTI file suggested for display: intensities are others now.
  var withoutDisplayRange: Self {
    guard var facts = self["nifti"]?.object else { return self }
    facts["display_range"] = [0.0, 0.0]
    var metadata = self
    metadata["nifti"] = .object(facts)
    return metadata
  }
}
