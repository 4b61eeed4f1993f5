import PonsImaging
import ReferenceTables
import Testing

@Suite struct OrientationTests {
  @Test(arguments: 0..<16) func `codes are nibabel's`(number: Int) throws {
    let reference = try ReferenceTable("geometry.txt")
    let orientation = Orientation(nearestTo: try reference.affine("affine.\(number)"))
    #expect(try "\(orientation)" == reference.text("code.\(number)"))
  }

  @Test func `codes are read, nonsense is not`() throws {
    #expect(Orientation(code: "ras") == .canonical)
    #expect(try #require(Orientation(code: "LPS")).description == "LPS")
    for code in ["", "RA", "RASS", "RLS", "XYZ", "AAA", "R AS"] {
      #expect(Orientation(code: code) == nil, "\(code)")
    }
  }
}
