internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Brings results back onto the grid that their case was read on.
///
/// What was only turned, cropped or padded is put back bit for bit, and is 0 where it was cropped. What was resampled
/// is resampled again: masks by nearest neighbour, volumes and heatmaps linearly, as float32.
struct RestoreGrid: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "a volume to restore", optional: true)
  static let mask = Input<MaskKind>("mask", .each, "a mask to restore", optional: true)
  static let heatmap = Input<HeatmapKind>("heatmap", .each, "a heatmap to restore", optional: true)
  static let reference = Input<VolumeKind>(
    "reference", .each,
    "a volume on the grid to restore; without it, packets must say which grid they came from",
    optional: true)
  static let restoredVolume = Output<VolumeKind>("volume", .perCase, "the volume", optional: true)
  static let restoredMask = Output<MaskKind>("mask", .perCase, "the mask", optional: true)
  static let restoredHeatmap = Output<HeatmapKind>(
    "heatmap", .perCase, "the heatmap", optional: true)

  static let descriptor = StageDescriptor(
    id: "restore.grid", version: "1",
    summary: "brings masks, heatmaps and volumes back onto the grid that was read",
    ports: [volume, mask, heatmap, reference, restoredVolume, restoredMask, restoredHeatmap],
    concurrency: .parallel, takesAnyThreads: true)

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    let volume = try context.optionalInput(Self.volume)
    let mask = try context.optionalInput(Self.mask)
    let heatmap = try context.optionalInput(Self.heatmap)
    if volume == nil && mask == nil && heatmap == nil {
      throw nothingConnected("volume, mask or heatmap")
    }
    let reference = try context.optionalInput(Self.reference).map {
      try GridPacket($0, port: "reference").grid
    }
    if let volume {
      try restore(context, GridPacket(volume, port: "volume"), reference, to: Self.restoredVolume)
    }
    if let mask {
      try restore(
        context, GridPacket(mask, port: "mask"), reference, .nearest, to: Self.restoredMask)
    }
    if let heatmap {
      try restore(
        context, GridPacket(heatmap, port: "heatmap"), reference, to: Self.restoredHeatmap)
    }
  }

  private func restore<Kind>(
    _ context: Context, _ image: GridPacket<Kind>, _ reference: Grid?,
    _ interpolation: Interpolation = .linear, to port: Output<Kind>
  ) throws {
    if !context.wanted(port) { return }
    guard let grid = try reference ?? image.source?.grid else {
      throw StageFailure(
        .badInput, code: "NO_SOURCE_GRID",
        "the \(image.packet.kind) does not say which grid it came from: 'grid' is missing in its "
          + "metadata", hint: "connect reference to the reader's volume", port: Kind.name)
    }
    var metadata = try image.packet.metadata.object ?? [:]
    metadata["grid"] = nil
    if let map = LatticeMap(from: grid, onto: image.grid) {
      return try image.send(context, to: port, on: grid, along: map, metadata: metadata)
    }
    try image.send(
      context, to: port,
      resampledBy: Resampling(
        from: image.grid, onto: grid, interpolation: interpolation, antialiasing: true),
      metadata: metadata)
  }
}
