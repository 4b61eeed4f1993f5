package import PonsImaging
package import PonsKit

/// The grid that a case was read on, as it travels in the metadata of packets that have left it.
///
/// ```json
/// "grid": {"source": {"shape": [155, 240, 240], "affine": [1, 0, ...]},
///          "lattice": {"axes": [0, 1, 2], "steps": [1, 1, 1], "offset": [32, 20, 0]}}
/// ```
/// `shape` is `[z, y, x]`, `affine` 4 x 4 row by row. `lattice` is there when every voxel of the packet lies on a voxel of
/// the source: voxel `o` of the packet, (x, y, z), is source voxel `i` with `i[axes[a]] = offset[axes[a]] + steps[a]
/// * o[a]`. It tells people and other programs; the way back is computed from the affines, which no stage can forget
/// to change.
package struct SourceGrid: Sendable, Hashable {
  /// The grid of the source.
  package let grid: Grid

  /// Remembers a grid.
  package init(_ grid: Grid) { self.grid = grid }

  /// Reads it from metadata; nil when there is none, because the packet is on the grid that it was read on or came from
  /// elsewhere.
  ///
  /// - Throws: `StageFailure` of category `badInput`, BAD_GRID, when it is not as described.
  package init?(_ metadata: JSON, port: String) throws {
    guard let grid = metadata["grid"] else { return nil }
    let shape = grid["source"]?["shape"]?.array?.compactMap(\.integer) ?? []
    let numbers = grid["source"]?["affine"]?.array?.compactMap(\.number) ?? []
    guard shape.count == 3, shape.allSatisfy({ (1...1 << 20).contains($0) }),
      shape.reduce(1, { $0 * Double($1) }) <= 0x1p40, let affine = Affine(rowMajor: numbers)
    else {
      throw StageFailure(
        .badInput, code: "BAD_GRID",
        "'grid' in the metadata must have a 'source' with a 'shape' of three extents and an "
          + "'affine' of 16 numbers", port: port)
    }
    self.grid = Grid(
      size: GridSize(x: Int(shape[2]), y: Int(shape[1]), z: Int(shape[0])), affine: affine)
  }

  /// The value of `grid` in the metadata of a packet on another grid.
  package func json(for packet: Grid) -> JSON {
    func list(_ values: [Int]) -> JSON { .array(values.map { .integer(Int64($0)) }) }
    var members: [String: JSON] = [
      "source": [
        "shape": list([grid.size.z, grid.size.y, grid.size.x]),
        "affine": .array(grid.affine.rowMajor.map(JSON.number)),
      ]
    ]
    if let map = LatticeMap(from: packet, onto: grid) {
      members["lattice"] = [
        "axes": list(map.axes), "steps": list(map.steps), "offset": list(map.offset),
      ]
    }
    return .object(members)
  }
}
