package import PonsImaging
package import PonsKit

/// A volume, mask or heatmap that came in, checked, as PonsImaging works on it.
///
/// Of voxels `[c, z, y, x]` slices and masks are those of the first channel.
package struct GridPacket<Kind: GridKind>: Sendable {
  /// What came in.
  package let packet: InputPacket<Kind>
  /// All voxels, `[z, y, x]` or `[c, z, y, x]`.
  package let voxels: TensorView
  /// Extent of the first axis of `[c, z, y, x]`; nil for `[z, y, x]`.
  package let channels: Int?
  /// Where the voxels are.
  package let grid: Grid
  /// The port that it came in through, for errors.
  package let port: String

  /// Extents of the grid.
  package var size: GridSize { grid.size }

  /// - Throws: `StageFailure` of category `badInput` when the packet has no voxels on a grid: BAD_SHAPE, BAD_AFFINE.
  package init(_ packet: InputPacket<Kind>, port: String) throws {
    self.packet = packet
    self.port = port
    voxels = try packet.voxels
    let shape = voxels.shape
    guard (3...4).contains(shape.count), shape.allSatisfy({ $0 > 0 }) else {
      throw StageFailure(
        .badInput, code: "BAD_SHAPE",
        "the \(packet.kind) has voxels of shape \(shape), expected [z, y, x] or [c, z, y, x]",
        port: port)
    }
    channels = shape.count == 4 ? shape[0] : nil
    guard let affine = Affine(rowMajor: try packet.affine) else {
      throw StageFailure(
        .badInput, code: "BAD_AFFINE",
        "the affine of the \(packet.kind) must be 16 finite numbers that span three dimensions, "
          + "with the last row 0 0 0 1",
        hint: "repair the geometry of the image's file", port: port)
    }
    grid = Grid(
      size: GridSize(
        x: shape[shape.count - 1], y: shape[shape.count - 2], z: shape[shape.count - 3]),
      affine: affine)
  }

  /// The type of the voxels, as PonsImaging calls it.
  package var type: ScalarType {
    get throws {
      guard let type = ScalarType(rawValue: voxels.type.rawValue) else {
        throw StageFailure(
          .internal, code: "UNSUPPORTED_VOXEL_TYPE", "no voxels of type \(voxels.type.rawValue)")
      }
      return type
    }
  }

  /// Refuses a packet whose grid is another one.
  ///
  /// - Throws: `StageFailure` of category `badInput`, GRID_MISMATCH.
  package func require(_ other: Grid, port: String, _ what: String) throws {
    if let difference = grid.difference(to: other) {
      throw StageFailure(
        .badInput, code: "GRID_MISMATCH", "\(what) lie on different grids: \(difference)",
        hint: "resample one onto the other", port: port)
    }
  }

  /// Copies a slice of the first channel, row by row; NaN becomes 0.
  ///
  /// - Parameters:
  ///   - z: number of the slice.
  ///   - result: `[y, x]`.
  package func copySlice(_ z: Int, to result: UnsafeMutableBufferPointer<Float>) throws {
    let type = try type
    let start = z * size.sliceCount
    voxels.withBytes { bytes in
      LinearIntensity().apply(Voxels(type, bytes)[start..<start + size.sliceCount], to: result)
    }
  }
}

extension GridPacket where Kind == MaskKind {
  /// Calls `body` with the voxels of the first channel; every value but 0 is foreground.
  ///
  /// - Throws: `StageFailure` of category `badInput` when they are not uint8.
  package func withMask<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) throws
    -> Result
  {
    try voxels.withElements(of: UInt8.self) {
      try body(UnsafeBufferPointer(rebasing: $0[..<size.count]))
    }
  }
}
