internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Brings volumes and masks to another spacing, or onto the grid of another volume.
struct Resample: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "what is resampled", optional: true)
  static let mask = Input<MaskKind>(
    "mask", .each, "a mask that is resampled, too, by nearest neighbour", optional: true,
    groundTruth: true)
  static let reference = Input<VolumeKind>(
    "reference", .each, "a volume whose grid is taken, instead of a spacing", optional: true)
  static let newVolume = Output<VolumeKind>(
    "volume", .perCase, "the volume: float32, or as it was by nearest neighbour", optional: true)
  static let newMask = Output<MaskKind>("mask", .perCase, "the mask", optional: true)

  struct Parameters: StageParameters {
    var spacing: [Double]?
    var interpolation: Interpolation
    var antialiasing: Bool
    var fill: Double

    static let schema = [
      ParameterDescriptor(
        "spacing", .array(.number),
        "size of a voxel along x, y and z, or one number for all; 0 leaves an axis as it is",
        minimum: 0, maximum: 1000, unit: "mm"),
      ParameterDescriptor(
        "interpolation", .string, "how values between voxels of the volume are made",
        defaultValue: "linear", allowed: Interpolation.allCases.map { .string($0.rawValue) }),
      ParameterDescriptor(
        "antialiasing", .boolean,
        "smooth first where voxels get larger, so that fine detail does not turn into patterns",
        defaultValue: true),
      ParameterDescriptor(
        "fill", .number, "value of the volume outside of what was there", defaultValue: 0),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "preprocess.resample", version: "1",
    summary: "brings volumes and masks to another spacing or grid",
    ports: [volume, mask, reference, newVolume, newMask], parameters: Parameters.schema,
    concurrency: .parallel, takesAnyThreads: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) throws {
    if let count = parameters.spacing?.count, count != 1 && count != 3 {
      throw StageFailure(
        .badParameter, "the spacing has \(count) numbers; expected three, or one for all axes",
        parameter: "spacing")
    }
    self.parameters = parameters
  }

  func process(_ context: Context) throws {
    let volume = try context.optionalInput(Self.volume)
    let mask = try context.optionalInput(Self.mask)
    if volume == nil && mask == nil { throw nothingConnected("volume or mask") }
    let reference = try context.optionalInput(Self.reference).map {
      try GridPacket($0, port: "reference").grid
    }
    if let volume {
      try resample(
        context, GridPacket(volume, port: "volume"), reference, parameters.interpolation,
        to: Self.newVolume)
    }
    if let mask {
      try resample(context, GridPacket(mask, port: "mask"), reference, .nearest, to: Self.newMask)
    }
  }

  private func resample<Kind>(
    _ context: Context, _ image: GridPacket<Kind>, _ reference: Grid?,
    _ interpolation: Interpolation, to port: Output<Kind>
  ) throws {
    if !context.wanted(port) { return }
    let new = try reference ?? spaced(image.grid)
    if new == image.grid, try image.source != nil {
      return try context.forward(image.packet, to: port)
    }
    let resampling = Resampling(
      from: image.grid, onto: new, interpolation: interpolation,
      antialiasing: parameters.antialiasing)
    try image.send(
      context, to: port, resampledBy: resampling,
      fill: interpolation == .nearest ? 0 : parameters.fill, metadata: image.metadata(on: new))
  }

  private func spaced(_ grid: Grid) throws -> Grid {
    guard let spacing = parameters.spacing, let first = spacing.first else {
      throw StageFailure(
        .badParameter, code: "NO_SPACING", "there is neither a spacing nor a reference",
        hint: "set spacing: [1, 1, 1], or connect reference", parameter: "spacing")
    }
    let old = grid.affine.spacing
    var new = old
    for axis in 0..<3 {
      let wanted = spacing.count == 3 ? spacing[axis] : first
      if wanted > 0 { new[axis] = wanted }
    }
    guard let result = grid.spaced(new) else {
      throw StageFailure(
        .badParameter, code: "TOO_FINE",
        "voxels of \(new.x) x \(new.y) x \(new.z) mm would be too many", parameter: "spacing")
    }
    return result
  }
}
