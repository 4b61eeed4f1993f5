package import PonsImaging
package import PonsKit

extension Grid {
  /// The grid as metadata has it: `{"shape": [z, y, x], "affine": [16 numbers, row by row]}`.
  package var json: JSON {
    [
      "shape": .array([size.z, size.y, size.x].map { .integer(Int64($0)) }),
      "affine": .array(affine.rowMajor.map(JSON.number)),
    ]
  }

  /// Reads what ``json`` writes; nil when it is something else.
  package init?(_ json: JSON) {
    guard let shape = json["shape"]?.array?.map(\.integer), shape.count == 3,
      let numbers = json["affine"]?.array?.map(\.number)
    else { return nil }
    let extents = shape.compactMap { $0.flatMap { (1...1 << 20).contains($0) ? Int($0) : nil } }
    guard extents.count == 3, extents.reduce(1, { $0 * Double($1) }) <= 0x1p40,
      let affine = Affine(rowMajor: numbers.compactMap { $0 })
    else { return nil }
    self.init(size: GridSize(x: extents[2], y: extents[1], z: extents[0]), affine: affine)
  }

  /// What differs from another grid, for people; nil when extents are equal and no corner is more than 0.001 mm away.
  package func difference(to other: Grid) -> String? {
    if size != other.size {
      return
        "\([size.z, size.y, size.x]) voxels (z, y, x) against \([other.size.z, other.size.y, other.size.x])"
    }
    var farthest = 0.0
    for corner in 0..<8 {
      let index = SIMD3<Double>(
        corner & 1 == 0 ? 0 : Double(size.x - 1), corner & 2 == 0 ? 0 : Double(size.y - 1),
        corner & 4 == 0 ? 0 : Double(size.z - 1))
      let step = affine(index) - other.affine(index)
      farthest = max(farthest, (step * step).sum())
    }
    let distance = farthest.squareRoot()
    if distance <= 0.001 { return nil }
    return "the affines put a corner \((distance * 1000).rounded() / 1000) mm apart"
  }
}
