import PonsImaging
import ReferenceTables
import Testing

@Suite struct AffineTests {
  private let reference: ReferenceTable
  init() throws { reference = try ReferenceTable("geometry.txt") }

  @Test(arguments: 0..<16) func `inverse and spacing are numpy's and nibabel's`(number: Int) throws
  {
    let affine = try reference.affine("affine.\(number)")
    // Values are below 1000 and the matrices well-conditioned: some units in the last place remain.
    #expect(
      largestDifference(
        affine.inverse.rowMajor, try reference.numbers("inverse.\(number)")) < 1e-11)
    let spacing = affine.spacing
    #expect(
      largestDifference(
        [spacing.x, spacing.y, spacing.z], try reference.numbers("spacing.\(number)")) < 1e-14)
    #expect(
      largestDifference((affine * affine.inverse).rowMajor, Affine.identity.rowMajor) < 1e-12)
  }

  @Test func `maps compose as matrices multiply`() throws {
    let a = try reference.affine("affine.1")
    let b = try reference.affine("affine.7")
    let point = SIMD3(3.0, -4, 5)
    let difference = (a * b)(point) - a(b(point))
    #expect((difference * difference).sum() < 1e-20)
  }

  @Test func `flips change the hand`() throws {
    var affine = Affine.identity
    #expect(affine.isRightHanded)
    affine.y = -affine.y
    #expect(!affine.isRightHanded && affine.determinant == -1)
  }

  @Test(arguments: [
    [1.0, 2],
    [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2],
    [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, .nan, 0, 0, 0, 0, 1],
    [1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  ])
  func `what is no affine is refused`(numbers: [Double]) {
    #expect(Affine(rowMajor: numbers) == nil)
  }
}
