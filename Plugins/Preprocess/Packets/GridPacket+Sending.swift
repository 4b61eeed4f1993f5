internal import PonsGrids
internal import PonsImaging
internal import PonsKit

extension GridPacket {
  /// The grid that the case was read on, when the packet is no longer on it.
  ///
  /// - Throws: `StageFailure` of category `badInput`, BAD_GRID.
  var source: SourceGrid? { get throws { try SourceGrid(packet.metadata, port: port) } }

  /// The shape of a packet with as many channels on another grid.
  func shape(_ size: GridSize) -> [Int] {
    (channels.map { [$0] } ?? []) + [size.z, size.y, size.x]
  }

  /// Metadata for this image on another grid: everything stays, and the grid that the case was read on is noted.
  func metadata(on new: Grid) throws -> [String: JSON] {
    var metadata = try packet.metadata.object ?? [:]
    metadata["grid"] = try (source ?? SourceGrid(grid)).json(for: new)
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
