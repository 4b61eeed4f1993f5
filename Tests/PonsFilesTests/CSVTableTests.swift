import PonsFiles
import PonsKit
import Testing

@Suite struct CSVTableTests {
  private func table(_ text: String) throws -> CSVTable { try CSVTable(Array(text.utf8)) }

  private func failure(_ bytes: [UInt8]) -> StageFailure? {
    do {
      _ = try CSVTable(bytes)
      return nil
    } catch {
      return error as? StageFailure
    }
  }

  @Test(arguments: [
    "from,to\na,b\nc,d\n", "from,to\r\na,b\r\nc,d\r\n", "from,to\ra,b\rc,d",
    "\u{feff}from,to\na,b\n\nc,d", "\"from\" , to\n a ,\"b\"\n\"c\",d\n",
  ])
  func `a table is the same with every line end, quotes and a byte order mark`(text: String) throws
  {
    let table = try table(text)
    #expect(table.columns == ["from", "to"])
    #expect(table.rows.map(\.fields) == [["a", "b"], ["c", "d"]])
  }

  @Test func `fields in quotes hold commas, quotes and line ends, and lines count on`() throws {
    let table = try table("a,b\n\"x, \"\"y\"\"\n z\",1\nlast,2\n")
    #expect(table.rows.map(\.fields) == [["x, \"y\"\n z", "1"], ["last", "2"]])
    #expect(table.rows.map(\.line) == [2, 4])
  }

  @Test(arguments: [
    ("", "line 1 of the table is empty"),
    ("from,to\n", "line 1 of the table names the columns, and no line follows"),
    ("from,to\nDOE JANE\n", "line 2 of the table has 1 field, the first line has 2"),
    ("from,to\na,b\nc,d,e\n", "line 3 of the table has 3 fields, the first line has 2"),
    ("from,to\na,\"b\n\nc", "line 2 of the table begins a field in quotes that does not end"),
    ("from,to\na,b\"c\n", "line 2 of the table has a quote inside a field"),
    ("from,to\n\"a\"b,c\n", "line 2 of the table goes on behind a closing quote"),
    ("from,to\na,\0\n", "line 2 of the table is no text in UTF-8"),
  ])
  func `an error names the line, and shows nothing of it`(text: String, message: String) {
    let failure = failure(Array(text.utf8))
    #expect(failure?.message == message)
    #expect(failure?.category == .badParameter && failure?.parameter == "table")
  }

  @Test func `bytes that are no text`() {
    #expect(
      failure(Array("from,to\na,".utf8) + [0xff, 0xfe])?.message
        == "line 2 of the table is no text in UTF-8")
  }

  /// Any bytes give a table or an error.
  @Test func `no bytes stop the program`() {
    var state: UInt64 = 42
    let alphabet = Array("a,\"\n\r \u{e4}\0;".utf8)
    for _ in 0..<20_000 {
      let bytes = (0..<Int(state % 24)).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      if let table = try? CSVTable(bytes) {
        #expect(table.rows.allSatisfy { $0.fields.count == table.columns.count })
      }
    }
  }
}
