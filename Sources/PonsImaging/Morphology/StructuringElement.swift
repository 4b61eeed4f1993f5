/// The neighbourhood that dilation and erosion look at.
public enum StructuringElement: Sendable, Hashable {
  /// A voxel and its neighbours, applied so many times: `corners` is the full 3 x 3 x 3 box.
  case neighbours(Connectivity, iterations: Int = 1)
  /// All voxels whose centres are no further than `radius` mm away; `spacing` is that of voxels along (x, y, z), in mm.
  case ball(radius: Double, spacing: SIMD3<Double>)
}
