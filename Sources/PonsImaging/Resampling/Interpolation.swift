/// How a value between voxels is made.
public enum Interpolation: String, Codable, Sendable, Hashable, CaseIterable {
  /// The nearest voxel; halfway the one with the greater index. The only one for labels.
  case nearest
  /// Trilinear.
  case linear
  /// Tricubic B-splines through the voxels (Unser, "Splines: a perfect fit", 1999), volumes continued by mirroring at
  /// the outermost voxel centres. Sharper than linear; overshoots at edges.
  case cubic
}
