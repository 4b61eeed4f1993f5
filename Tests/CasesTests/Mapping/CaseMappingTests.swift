import Cases
import PonsFiles
import PonsKit
import Testing

@Suite struct CaseMappingTests {
  /// Keys as a host makes them: `p:` stands for a pseudonym.
  private func mapping(
    _ text: String, from: String = "from", to: String = "to", isPublic: Bool = false
  ) throws -> CaseMapping {
    try CaseMapping(CSVTable(Array(text.utf8)), from: from, to: to, isPublic: isPublic) {
      $1 ? $0 : "p:" + $0
    }
  }

  private func failure(_ text: String, from: String = "from", to: String = "to") -> StageFailure? {
    do {
      _ = try mapping(text, from: from, to: to)
      return nil
    } catch {
      return error as? StageFailure
    }
  }

  @Test func `a case is found by its key, by its public name and by its private one`() throws {
    let mapping = try mapping("from,to,more\nx,1.2.3,\nc-0123456789abcdef,c-00000000000000ff,\n")
    #expect(mapping.target(of: "x") == "p:1.2.3")
    #expect(mapping.target(of: "p:x") == "p:1.2.3")
    #expect(mapping.target(of: "c-0123456789abcdef") == "c-00000000000000ff")
    #expect(mapping.target(of: "y") == nil)
  }

  @Test func `names in 'to' are keys when the site says so, and columns have any name`() throws {
    let mapping = try mapping(
      "a;b,mask,image\n,x,sub-01\n", from: "mask", to: "image", isPublic: true)
    #expect(mapping.target(of: "x") == "sub-01")
  }

  @Test(arguments: [
    ("from,to\nx,a\ny,a\n", "line 3 of the table names the same case in 'to' as line 2"),
    ("from,to\nx,a\nx,b\n", "line 3 of the table names the same case in 'from' as line 2"),
    ("from,to\nx,\n", "line 2 of the table has nothing in the column 'to'"),
    ("from,to\nx,a\n,b\n", "line 3 of the table has nothing in the column 'from'"),
    ("x,a\ny,b\n", "none of the 2 columns of the table is called 'from'"),
    ("from,from,to\nx,y,z\n", "2 columns of the table are called 'from'"),
  ])
  func `what is ambiguous is an error`(text: String, message: String) {
    let failure = failure(text)
    #expect(failure?.message == message)
    #expect(failure?.code == "BAD_TABLE" && failure?.category == .badParameter)
  }

  @Test func `a table with other separators is recognised`() {
    #expect(failure("from;to\nx;a\n")?.hint.contains("the first line has ;") == true)
    #expect(failure("from\tto\nx\ta\n")?.hint.contains("the first line has tabulator") == true)
    #expect(failure("from,to\nx,a\n", from: "to")?.parameter == "to")
  }
}
