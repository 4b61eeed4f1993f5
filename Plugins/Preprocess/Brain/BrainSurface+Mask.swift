internal import PonsImaging

extension BrainSurface {
  /// Sets the voxels whose centres are inside of the surface.
  ///
  /// Along each row of voxels the surface is crossed again and again; between an odd crossing and the next the row is
  /// inside.
  ///
  /// - Parameters:
  ///   - mask: `[z, y, x]` on `grid`; written with 0 and 1.
  ///   - image: the image that the surface lies in.
  func fill(_ mask: UnsafeMutableBufferPointer<UInt8>, on grid: Grid, of image: HeadImage) {
    mask.update(repeating: 0)
    let toVoxels = image.grid.indices(in: grid)
    // A little off the lattice, so that no edge of a triangle runs through a voxel's centre.
    let places = points.map { toVoxels($0 / HeadImage.spacing) + [0, 1.234e-5, 2.345e-5] }
    let size = grid.size
    func range(_ a: Double, _ b: Double, _ c: Double, _ extent: Int) -> ClosedRange<Int>? {
      let low = max(min(a, b, c).rounded(.up), 0)
      let high = min(max(a, b, c).rounded(.down), Double(extent - 1))
      return low <= high ? Int(low)...Int(high) : nil
    }
    for triangle in mesh.triangles {
      let (a, b, c) = (places[triangle.x], places[triangle.y], places[triangle.z])
      let (ab, ac) = (b - a, c - a)
      let area = ab.y * ac.z - ac.y * ab.z
      guard area != 0, let rows = range(a.y, b.y, c.y, size.y),
        let slices = range(a.z, b.z, c.z, size.z)
      else { continue }
      for z in slices {
        for y in rows {
          let (v, w) = (Double(y) - a.y, Double(z) - a.z)
          let s = (v * ac.z - ac.y * w) / area
          let t = (ab.y * w - v * ab.z) / area
          if s < 0 || t < 0 || s + t > 1 { continue }
          let x = (a.x + s * ab.x + t * ac.x).rounded(.up)
          // Flips at the crossing for now; what is beyond the row does not show.
          if x < Double(size.x) { mask[size.index(x: Int(max(0, x)), y: y, z: z)] ^= 1 }
        }
      }
    }
    for row in stride(from: 0, to: mask.count, by: size.x) {
      var isInside: UInt8 = 0
      for index in row..<row + size.x {
        isInside ^= mask[index]
        mask[index] = isInside
      }
    }
  }
}
