internal import Glibc
internal import PonsKit

extension Packet {
  /// The spatial extents `[z, y, x]` of the tensor `voxels`.
  private var extents: [Int]? { tensor("voxels").map { Array($0.shape.suffix(3)) } }

  /// The tensor `affine`: 16 numbers, row by row, voxel indices (x, y, z, 1) to RAS+ millimetres.
  private var affine: [Double]? {
    guard let tensor = tensor("affine"), tensor.type == .float64, tensor.shape == [4, 4] else {
      return nil
    }
    return Array(tensor.bytes.bindMemory(to: Double.self))
  }

  /// Why another packet does not lie on this packet's grid, or nil when it does.
  ///
  /// Grids are equal when their extents are equal and no corner of the volume is farther than 0.001 mm from where
  /// the other affine puts it: formats keep affines as float32, which moves corners by less.
  func gridDifference(to other: Packet) -> String? {
    guard let extents, let otherExtents = other.extents, let affine, let otherAffine = other.affine
    else { return "one of them has no grid" }
    if extents != otherExtents {
      return "\(extents) voxels (z, y, x) against \(otherExtents)"
    }
    var farthest = 0.0
    for corner in 0..<8 {
      let index = (0..<3).map { axis in
        corner >> axis & 1 == 0 ? 0.0 : Double(extents[2 - axis] - 1)
      }
      var squared = 0.0
      for row in 0..<3 {
        var difference = affine[4 * row + 3] - otherAffine[4 * row + 3]
        for axis in 0..<3 {
          difference += (affine[4 * row + axis] - otherAffine[4 * row + axis]) * index[axis]
        }
        squared += difference * difference
      }
      farthest = max(farthest, squared)
    }
    let distance = farthest.squareRoot()
    if distance <= 0.001 { return nil }
    return "the affines put a corner \((distance * 1000).rounded() / 1000) mm apart"
  }
}
