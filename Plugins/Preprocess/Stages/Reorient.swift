internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Turns and flips whole axes, so that they point as near as possible to named directions. Nothing is interpolated.
struct Reorient: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "what is turned", optional: true)
  static let mask = Input<MaskKind>("mask", .each, "a mask that is turned, too", optional: true)
  static let turnedVolume = Output<VolumeKind>("volume", .perCase, "the volume", optional: true)
  static let turnedMask = Output<MaskKind>("mask", .perCase, "the mask", optional: true)

  struct Parameters: StageParameters {
    var orientation: String

    static let schema = [
      ParameterDescriptor(
        "orientation", .string,
        "where x, y and z grow to: R or L, A or P, S or I, in any order; RAS is the closest "
          + "canonical orientation", defaultValue: "RAS")
    ]
  }

  static let descriptor = StageDescriptor(
    id: "preprocess.reorient", version: "1", summary: "turns axes to a named orientation",
    ports: [volume, mask, turnedVolume, turnedMask], parameters: Parameters.schema,
    concurrency: .parallel, takesAnyThreads: true)

  private let orientation: Orientation

  init(_ parameters: Parameters, _ context: Context) throws {
    guard let orientation = Orientation(code: parameters.orientation) else {
      throw StageFailure(
        .badParameter,
        "'\(parameters.orientation)' is no orientation: expected three letters, one each of R or "
          + "L, A or P, S or I", hint: "RAS, LPS and LAS are common", parameter: "orientation")
    }
    self.orientation = orientation
  }

  func process(_ context: Context) throws {
    let volume = try context.optionalInput(Self.volume)
    let mask = try context.optionalInput(Self.mask)
    if volume == nil && mask == nil { throw nothingConnected("volume or mask") }
    if let volume { try turn(context, GridPacket(volume, port: "volume"), to: Self.turnedVolume) }
    if let mask { try turn(context, GridPacket(mask, port: "mask"), to: Self.turnedMask) }
  }

  private func turn<Kind>(
    _ context: Context, _ image: GridPacket<Kind>, to port: Output<Kind>
  ) throws {
    if !context.wanted(port) { return }
    let old = Orientation(nearestTo: image.grid.affine)
    if old == orientation, try image.source != nil {
      return try context.forward(image.packet, to: port)
    }
    let map = LatticeMap(from: old, to: orientation, size: image.grid.size)
    let new = map.grid(of: image.grid, size: map.turned(image.grid.size))
    try image.send(context, to: port, on: new, along: map, metadata: image.metadata(on: new))
  }
}

/// The failure of a stage that can do without each of its inputs, but not without all.
func nothingConnected(_ ports: String) -> StageFailure {
  StageFailure(
    .badParameter, code: "NOTHING_CONNECTED", "no input is connected",
    hint: "connect \(ports)")
}
