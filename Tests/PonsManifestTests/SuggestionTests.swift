import PonsManifest
import Testing

@Suite struct SuggestionTests {
  private static let names = ["threshold", "minimum", "method", "a", "in", "keep_fraction"]

  @Test(arguments: [
    ("treshold", "threshold"), ("thresohld", "threshold"), ("Threshold", "threshold"),
    ("minimun", "minimum"), ("metod", "method"), ("keepfraction", "keep_fraction"), ("im", "in"),
    ("keep-fractoin", "keep_fraction"),
  ])
  func `a name with typing errors is recognised`(_ name: String, _ meant: String) {
    #expect(Suggestion.nearest(to: name, among: Self.names) == meant)
  }

  @Test(arguments: ["", "xyzzy", "b", "fraction", "maximum_of_all", "thrsh"])
  func `other names are not`(_ name: String) {
    #expect(Suggestion.nearest(to: name, among: Self.names) == nil)
  }

  @Test func `the nearest wins, then the first`() {
    #expect(Suggestion.nearest(to: "read1", among: ["read3", "read1x", "raed1"]) == "read3")
    #expect(Suggestion.nearest(to: "read", among: ["raed", "read"]) == "read")
    #expect(Suggestion.nearest(to: "x", among: []) == nil)
  }

  @Test func `very long names cost little`() {
    let long = String(repeating: "a", count: 1_000_000)
    #expect(Suggestion.nearest(to: long, among: ["b", "c"]) == nil)
  }
}
