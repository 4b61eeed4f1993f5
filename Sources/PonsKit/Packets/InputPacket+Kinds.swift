extension InputPacket where Kind: GridKind {
  /// The voxels, `[z, y, x]` or `[c, z, y, x]`.
  public var voxels: TensorView { get throws { try tensor("voxels") } }

  /// The 4x4 matrix, row by row, that maps voxel indices (x, y, z, 1) to millimetres in RAS+.
  public var affine: [Double] {
    get throws {
      let values = try tensor("affine").array(of: Double.self)
      if values.count != 16 {
        throw StageFailure(
          .badInput, code: "BAD_AFFINE", "the affine has \(values.count) numbers, expected 16")
      }
      return values
    }
  }
}

extension InputPacket where Kind == VolumeKind {
  /// `CT`, `MR`, ..., or nil when it is not known.
  public var modality: String? { get throws { try metadata["modality"]?.string } }
}

extension InputPacket where Kind == MaskKind {
  /// Names of the labels 1, 2, ...
  public var labels: [String] { get throws { try strings("labels") } }
}

extension InputPacket where Kind == SliceLabelsKind {
  /// `[z, k]` float32.
  public var probability: TensorView { get throws { try tensor("probability") } }
  /// `[z]` int8; -1: none.
  public var label: TensorView { get throws { try tensor("label") } }
  /// Names of the k classes.
  public var classes: [String] { get throws { try strings("classes") } }
}

extension InputPacket where Kind == SlicesKind {
  /// `[n, h, w]` float32.
  public var images: TensorView { get throws { try tensor("images") } }
  /// `[n]` int8.
  public var label: TensorView { get throws { try tensor("label") } }
  /// `[n]` int32: which slice of the volume.
  public var z: TensorView { get throws { try tensor("z") } }
}

extension InputPacket where Kind == PromptsKind {
  /// `[n, 5]` int32: z, x0, y0, x1, y1; half-open.
  public var boxes: TensorView { get throws { try tensor("boxes") } }
  /// `[m, 4]` int32: z, x, y, label.
  public var points: TensorView { get throws { try tensor("points") } }
}

extension InputPacket where Kind == ModelKind {
  /// What the weights are for.
  public var architecture: String {
    get throws {
      guard let name = try metadata["architecture"]?.string else {
        throw StageFailure(
          .badInput, code: "MISSING_METADATA", "the model packet names no 'architecture'")
      }
      return name
    }
  }
}

extension InputPacket where Kind == FilesKind {
  /// Paths of the files, relative to the case's folder.
  public var names: [String] {
    get throws { (try metadata["files"]?.array ?? []).compactMap { $0["name"]?.string } }
  }
}

extension InputPacket where Kind == TableKind {
  /// The whole table.
  public var table: Table { get throws { try Table(reading: self) } }
}

extension InputPacket {
  fileprivate func strings(_ key: String) throws -> [String] {
    guard let values = try metadata[key]?.array else {
      throw StageFailure(
        .badInput, code: "MISSING_METADATA",
        "the \(kind) packet has no list '\(key)' in its metadata")
    }
    return values.compactMap(\.string)
  }
}
