/// What kind of packet goes through a port. A kind fixes names and types of tensors and the metadata
/// that must be there; the conveniences of ``InputPacket`` follow from it.
///
/// A plugin adds its own kind with an empty enumeration whose name is reverse DNS:
/// `enum Meshes: PacketKind { static let name = "org.example.mesh" }`.
public protocol PacketKind: Sendable {
  /// The name in descriptors and manifests.
  static var name: String { get }
}

/// An image: `voxels` (any number type, `[z, y, x]` or `[c, z, y, x]`) and `affine`. Metadata: `modality`.
public enum VolumeKind: GridKind {
  /// `volume`.
  public static let name = "volume"
}

/// Labels of voxels: `voxels` (uint8, `[z, y, x]`, 0 is background) and `affine`. Metadata: `labels`, the names of
/// 1, 2, ...
public enum MaskKind: GridKind {
  /// `mask`.
  public static let name = "mask"
}

/// How strongly something is seen where: `voxels` (float32 in [0, 1], `[z, y, x]`) and `affine`. Metadata: what made it.
public enum HeatmapKind: GridKind {
  /// `heatmap`.
  public static let name = "heatmap"
}

/// Classes of slices: `probability` (`[z, k]` float32) and `label` (`[z]` int8, -1: none). Metadata: `classes`.
public enum SliceLabelsKind: PacketKind {
  /// `slice-labels`.
  public static let name = "slice-labels"
}

/// Two-dimensional images for training: `images` (`[n, h, w]` float32), `label` (`[n]` int8), `z` (`[n]` int32).
public enum SlicesKind: PacketKind {
  /// `slices`.
  public static let name = "slices"
}

/// Where to look: `boxes` (`[n, 5]` int32: z, x0, y0, x1, y1, half-open) and `points` (`[m, 4]` int32: z, x, y, label; 1 is
/// foreground, 0 background). Metadata: `grid`, on which these voxel indices count: `shape` (`[z, y, x]`) and `affine`.
public enum PromptsKind: PacketKind {
  /// `prompts`.
  public static let name = "prompts"
}

/// Weights: the tensors of a state dictionary. Metadata: `architecture`, its settings, preprocessing.
public enum ModelKind: PacketKind {
  /// `model`.
  public static let name = "model"
}

/// Rows and columns: see ``Table``.
public enum TableKind: PacketKind {
  /// `table`.
  public static let name = "table"
}

/// Files for people or other programs; no tensors. Metadata: `files`.
public enum FilesKind: PacketKind {
  /// `files`.
  public static let name = "files"
}

/// Packets of every kind; for inputs only.
public enum AnyKind: PacketKind {
  /// `any`.
  public static let name = PortDescriptor.anyKind
}

/// A kind whose packets hold values on a voxel grid: `voxels`, and `affine` (`[4, 4]` float64), which maps the voxel
/// indices (x, y, z, 1) to millimetres in RAS+.
public protocol GridKind: PacketKind {}

extension GridKind {
  /// The tensors of a packet of this kind.
  ///
  /// - Parameters:
  ///   - shape: `[z, y, x]` or `[c, z, y, x]`.
  ///   - type: of the voxels.
  public static func tensors(shape: [Int], type: ElementType) -> [TensorRequest] {
    [TensorRequest("voxels", type, shape), TensorRequest("affine", .float64, [4, 4])]
  }
}
