import PonsKit
import Statistics
import Testing

@Suite struct TableFormatTests {
  private let table = Table([
    Table.Column("case", .strings(["plain", "a,b", "say \"hi\"\n", "tab\there\\"])),
    Table.Column("mean", .numbers([1, 0.1, .nan, -.infinity]), unit: "HU"),
    Table.Column("voxels", .integers([0, -5, 7, .max]), unit: "voxels"),
  ])

  @Test func `comma-separated`() {
    #expect(
      TableFormat.csv.text(table) == """
        case,mean,voxels
        plain,1.0,0
        "a,b",0.1,-5
        "say ""hi""
        ",nan,7
        tab\there\\,-inf,9223372036854775807

        """)
  }

  @Test func `tab-separated`() {
    #expect(
      TableFormat.tsv.text(table) == """
        case\tmean\tvoxels
        plain\t1.0\t0
        a,b\t0.1\t-5
        say "hi"\\n\tnan\t7
        tab\\there\\\\\t-inf\t9223372036854775807

        """)
  }

  @Test func `JSON with columns and rows`() throws {
    let text = TableFormat.json.text(table)
    #expect(text.hasSuffix("}\n"))
    let json = try JSON(parsing: text)
    #expect(json["columns"]?[1] == ["name": "mean", "unit": "HU"])
    #expect(json["rows"]?[1] == ["case": "a,b", "mean": 0.1, "voxels": -5])
    #expect(json["rows"]?[2]?["mean"] == "nan")
    #expect(json["rows"]?.array?.count == 4)
  }

  @Test(arguments: TableFormat.allCases) func `an empty table`(format: TableFormat) throws {
    let empty = Table([Table.Column("case", .strings([]))])
    switch format {
    case .csv, .tsv: #expect(format.text(empty) == "case\n")
    case .json: #expect(try JSON(parsing: format.text(empty))["rows"] == .array([]))
    }
  }
}
