import PonsImaging
import ReferenceTables
import Testing

@Suite struct GridTests {
  @Test func `another spacing keeps axes and centre`() throws {
    let reference = try ReferenceTable("geometry.txt")
    let affine = try reference.affine("affine.3")
    let old = Grid(size: GridSize(x: 100, y: 31, z: 7), affine: affine)
    let edges = affine.spacing
    let new = try #require(old.spaced([edges.x * 1.1, edges.y / 2, 1000]))
    #expect(new.size == GridSize(x: 91, y: 62, z: 1))
    let spacing = new.affine.spacing
    #expect(
      largestDifference([spacing.x, spacing.y, spacing.z], [edges.x * 1.1, edges.y / 2, 1000])
        < 1e-9)
    func centre(_ grid: Grid) -> SIMD3<Double> {
      grid.affine([
        Double(grid.size.x - 1) / 2, Double(grid.size.y - 1) / 2, Double(grid.size.z - 1) / 2,
      ])
    }
    let moved = centre(new) - centre(old)
    #expect((moved * moved).sum() < 1e-18)
    #expect(old.spaced(edges)?.size == old.size)
    #expect(old.spaced([1e-6, 1, 1]) == nil && old.spaced([1e-300, 1, 1]) == nil)
  }
}
