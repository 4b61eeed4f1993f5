internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Makes a region of interest of a heatmap: what is hotter than a threshold, opened, without small components (CLISC, Ma et al., ISBI 2025).
///
/// Opening is that of scipy with the full 3 x 3 x 3 element: nothing beyond the grid is set, so that it takes away what is on the border of
/// the grid only. Components are 26-connected. NaN is 0.
struct CAMROI: Stage {
  static let heatmap = Input<HeatmapKind>(
    "heatmap", .each, "of cam.compute", elementTypes: [.float32])
  static let mask = Output<MaskKind>("mask", .perCase, "the region", sameGrid: "heatmap")

  /// What the heatmap is divided by before it is compared.
  enum Scale: String, Codable, Sendable { case none, slice, volume }

  struct Parameters: StageParameters {
    var threshold: Double
    var scale: Scale
    var opening: Bool
    var keep: Double

    static let schema = [
      ParameterDescriptor(
        "threshold", .number, "what is hotter belongs to the region", defaultValue: 0.27,
        minimum: 0, maximum: 1),
      ParameterDescriptor(
        "scale", .string,
        "the threshold is one of the heatmap as it is, or of its range from least to greatest in each slice or in the volume",
        defaultValue: "none", allowed: ["none", "slice", "volume"]),
      ParameterDescriptor(
        "opening", .boolean, "take away what is thinner than 3 x 3 x 3 voxels", defaultValue: true),
      ParameterDescriptor(
        "keep", .number,
        "components with fewer voxels than this part of the largest one's are taken away; 0 keeps all",
        defaultValue: .number(1.0 / 3), minimum: 0, maximum: 1),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "cam.roi", version: "1", summary: "makes a region of interest of a heatmap",
    ports: [heatmap, mask], parameters: Parameters.schema, concurrency: .parallel,
    takesAnyThreads: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    let heatmap = try GridPacket(context.input(Self.heatmap), port: "heatmap")
    let size = heatmap.size
    // The way back to the grid that the case was read on, and whatever else is known, goes with the region.
    var metadata = try heatmap.packet.metadata.object ?? [:]
    metadata["labels"] = ["region"]
    try context.send(
      Self.mask, tensors: MaskKind.tensors(shape: [size.z, size.y, size.x], type: .uint8),
      metadata: metadata, sidecar: heatmap.packet.sidecar.object ?? [:]
    ) { draft in
      try draft.fillAffine(heatmap.grid.affine.rowMajor)
      let mask = try draft.elements("voxels", of: UInt8.self)
      try heatmap.voxels.withElements(of: Float.self) { heat in
        binarise(UnsafeBufferPointer(rebasing: heat[..<size.count]), size, into: mask)
      }
      try context.checkCancelled()
      let components = Region.clean(
        mask, size, opening: parameters.opening, keep: parameters.keep, threads: context.threads)
      draft.metadata["region"] = [
        "threshold": .number(parameters.threshold), "scale": .string(parameters.scale.rawValue),
        "components": .integer(Int64(components.count)),
        "components_kept": .integer(
          Int64(components.selected(Region.selection(parameters.keep)).count)),
      ]
    }
  }

  private func binarise(
    _ heat: UnsafeBufferPointer<Float>, _ size: GridSize,
    into mask: UnsafeMutableBufferPointer<UInt8>
  ) {
    let length = parameters.scale == .slice ? size.sliceCount : size.count
    for start in stride(from: 0, to: size.count, by: length) {
      var limit = parameters.threshold
      if parameters.scale != .none {
        var (low, high) = (Float.infinity, -Float.infinity)
        for place in start..<start + length {
          let value = heat[place].isNaN ? 0 : heat[place]
          low = min(low, value)
          high = max(high, value)
        }
        limit = Double(low) + limit * (Double(high) - Double(low))
      }
      for place in start..<start + length {
        let value = heat[place].isNaN ? 0 : Double(heat[place])
        mask[place] = value > limit ? 1 : 0
      }
    }
  }
}
