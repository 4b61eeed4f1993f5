/// Which voxels are neighbours.
public enum Connectivity: Int, Sendable, Hashable, CaseIterable {
  /// Voxels that share a face.
  case faces = 6
  /// Voxels that share a face or an edge.
  case edges = 18
  /// Voxels that share a face, an edge or a corner: the full 3 x 3 x 3 box.
  case corners = 26
}
