internal import PonsImaging
internal import PonsKit

/// A volume, mask or heatmap that came in, checked: voxels, where they are, and where they came from.
struct GridImage<Kind: GridKind>: Sendable {
  let packet: InputPacket<Kind>
  let voxels: TensorView
  /// Extent of the first axis of `[c, z, y, x]`; nil for `[z, y, x]`.
  let channels: Int?
  let grid: Grid
  /// The grid that the case was read on, when the packet is no longer on it.
  let source: SourceGrid?

  /// - Throws: `StageFailure` of category `badInput` when the packet has no voxels on a grid.
  init(_ packet: InputPacket<Kind>, port: String) throws {
    self.packet = packet
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
    let size = GridSize(
      x: shape[shape.count - 1], y: shape[shape.count - 2], z: shape[shape.count - 3])
    grid = Grid(size: size, affine: affine)
    source = try SourceGrid(packet.metadata, port: port)
  }

  var type: ScalarType {
    get throws {
      guard let type = ScalarType(rawValue: voxels.type.rawValue) else {
        throw StageFailure(
          .internal, code: "UNSUPPORTED_VOXEL_TYPE", "no voxels of type \(voxels.type.rawValue)")
      }
      return type
    }
  }

  /// The shape of a packet with as many channels on another grid.
  func shape(_ size: GridSize) -> [Int] {
    (channels.map { [$0] } ?? []) + [size.z, size.y, size.x]
  }

  /// Metadata for this image on another grid: everything stays, and the grid that the case was read on is noted.
  func metadata(on new: Grid) throws -> [String: JSON] {
    var metadata = try packet.metadata.object ?? [:]
    metadata["grid"] = (source ?? SourceGrid(grid)).json(for: new)
    return metadata
  }

  func sidecar() throws -> [String: JSON] { try packet.sidecar.object ?? [:] }

  /// Sends the image on a grid whose voxels are all on this one's lattice: a copy, bit for bit, with 0 where there is
  /// nothing.
  func send<Out: GridKind>(
    _ context: Context, to port: Output<Out>, on new: Grid, along map: LatticeMap,
    metadata: [String: JSON]
  ) throws {
    try context.send(
      port, tensors: Out.tensors(shape: shape(new.size), type: voxels.type), metadata: metadata,
      sidecar: sidecar()
    ) { draft in
      try draft.fillAffine(new.affine.rowMajor)
      let output = try draft.bytes("voxels")
      try voxels.withBytes { input in
        for channel in 0..<(channels ?? 1) {
          try context.checkCancelled()
          map.copy(
            input.part(channel, of: channels), grid.size, to: output.part(channel, of: channels),
            new.size, elementSize: voxels.type.size, threads: context.threads)
        }
      }
    }
  }

  /// Sends the image resampled: labels and `nearest` keep their type, everything else becomes float32.
  func send<Out: GridKind>(
    _ context: Context, to port: Output<Out>, resampledBy resampling: Resampling, fill: Double = 0,
    metadata: [String: JSON]
  ) throws {
    let new = resampling.output
    let isCopied = resampling.interpolation == .nearest && fill == 0
    let type = isCopied ? voxels.type : .float32
    let scalars = try self.type
    try context.send(
      port, tensors: Out.tensors(shape: shape(new.size), type: type), metadata: metadata,
      sidecar: sidecar()
    ) { draft in
      try draft.fillAffine(new.affine.rowMajor)
      let output = try draft.bytes("voxels")
      try voxels.withBytes { input in
        for channel in 0..<(channels ?? 1) {
          let from = input.part(channel, of: channels)
          let to = output.part(channel, of: channels)
          if isCopied {
            resampling.copyNearest(
              from, to: to, elementSize: type.size, threads: context.threads,
              isStopped: { context.isCancelled })
          } else {
            resampling.run(
              Voxels(scalars, from), to: to.bindMemory(to: Float.self), fill: Float(fill),
              threads: context.threads, isStopped: { context.isCancelled })
          }
          try context.checkCancelled()
        }
      }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes of one of several equal parts.
  func part(_ number: Int, of count: Int?) -> UnsafeRawBufferPointer {
    let size = self.count / (count ?? 1)
    return UnsafeRawBufferPointer(rebasing: self[number * size..<(number + 1) * size])
  }
}

extension UnsafeMutableRawBufferPointer {
  /// The bytes of one of several equal parts.
  func part(_ number: Int, of count: Int?) -> UnsafeMutableRawBufferPointer {
    let size = self.count / (count ?? 1)
    return UnsafeMutableRawBufferPointer(rebasing: self[number * size..<(number + 1) * size])
  }
}
