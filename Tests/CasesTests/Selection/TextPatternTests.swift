import Cases
import PonsKit
import Testing

@Suite struct TextPatternTests {
  @Test func `a pattern is found anywhere in one of the texts, in upper and lower case`() throws {
    let matches = try TextPattern("t1.*(gd|post)|mprage", parameter: "description").matcher()
    #expect(matches(["Ax T1 FSE +GD"]))
    #expect(matches(["x", "MPRAGE_sag"]))
    #expect(!matches(["t2_tse"]))
    #expect(!matches([]))
  }

  @Test(arguments: [
    ("t1(", 4), ("a[b", 4), ("*", 1), ("t1**", 4), ("x)", 2), ("ü\\", 3), ("a{3,2}", 1),
  ])
  func `a wrong pattern is an error that says where`(pattern: String, place: Int) {
    let failure = #expect(throws: StageFailure.self) {
      try TextPattern(pattern, parameter: "exclude")
    }
    #expect(failure?.category == .badParameter && failure?.parameter == "exclude")
    #expect(
      failure?.message.contains("at character \(place): ") == true, "\(failure?.message ?? "")")
  }

  @Test func `an empty pattern is none`() {
    #expect(throws: StageFailure.self) { try TextPattern("", parameter: "description") }
  }
}
