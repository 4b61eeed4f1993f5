import ReferenceTables
import S3F
import Testing

@Suite struct RankingTests {
  @Test(arguments: 0..<8) func `ranks and cuts are those of numpy, ties included`(number: Int)
    throws
  {
    let table = try ReferenceTable("s3f.txt")
    func numbers(_ name: String) throws -> [Double] {
      try table.numbers("ranking.\(number).\(name)")
    }
    let ranking = Ranking(
      try numbers("similarities"), fraction: try numbers("fraction")[0],
      minimum: try numbers("minimum")[0])
    #expect(try ranking.ranks.map(Double.init) == numbers("ranks"))
    #expect(try ranking.isKept.map { $0 ? 1 : 0 } == numbers("kept"))
  }

  @Test func `no cases`() {
    let ranking = Ranking([], fraction: 0.8, minimum: 0)
    #expect(ranking.ranks.isEmpty && ranking.isKept.isEmpty && ranking.places == 0)
  }
}
