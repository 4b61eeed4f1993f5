import PonsImaging
import ReferenceTables
import Testing

extension ReferenceTable {
  func affine(_ name: String) throws -> Affine {
    try #require(Affine(rowMajor: try numbers(name)))
  }

  func grid(_ name: String) throws -> Grid {
    let size = try numbers(name + ".size").map(Int.init)
    return Grid(
      size: GridSize(x: size[0], y: size[1], z: size[2]), affine: try affine(name + ".affine"))
  }
}
