import PonsKit
import Report
import Testing

@Suite struct MarkupTests {
  @Test func `what is put in is escaped, and markup is not`() {
    let key = "<script>alert('1') & \"2\"</script>"
    let inner: Markup = "<i>\(key)</i>"
    let outer: Markup = "<p title=\"\(key)\">\(inner)\(7)\([inner, inner])</p>"
    let escaped = "&lt;script&gt;alert(&#39;1&#39;) &amp; &quot;2&quot;&lt;/script&gt;"
    #expect(inner.text == "<i>\(escaped)</i>")
    #expect(
      outer.text
        == "<p title=\"\(escaped)\"><i>\(escaped)</i>7<i>\(escaped)</i><i>\(escaped)</i></p>")
  }

  @Test(arguments: [
    ("\u{0}\u{1b}[2J", "\u{fffd}\u{fffd}[2J"), ("a\tb\nc\rd", "a\tb\nc\u{fffd}d"),
    ("\u{202e}exe", "\u{fffd}exe"), ("\u{fffe}\u{1ffff}", "\u{fffd}\u{fffd}"), ("é 😀", "é 😀"),
    ("", ""),
  ])
  func `what may not stand in a page is replaced`(given: String, expected: String) {
    #expect(Markup.escaped(given) == expected)
  }

  @Test(.enabled(if: PageCheck.isAvailable))
  func `pages of any texts are well formed`() throws {
    var generator = SplitMix64(seed: 20)
    let pieces = [
      "<", ">", "&", "\"", "'", "]]>", "<!--", "-->", "</script>", "</style>", "&#0;", "\u{0}",
      "\u{b}",
      "\u{85}", "\u{2028}", "\u{202e}", "\u{ffff}", "\u{10ffff}", "😀", "e\u{301}", " ",
      "x",
      "%s", "\\", "`", "${1}", "javascript:", "\r\n",
    ]
    func words() -> String {
      (0..<Int(generator.next() % 12)).map { _ in
        pieces[Int(generator.next() % UInt64(pieces.count))]
      }.joined()
    }
    for _ in 0..<40 {
      var contents = PageContents(title: words(), synthetic: words())
      contents.connected = ["volume", "segmentation"]
      contents.notes = [words()]
      contents.cases = (0..<5).map { number in
        var record = CaseRecord(key: words() + "\(number)")
        record.notes = [words()]
        record.missing = [
          CaseRecord.Missing(
            port: words(),
            absence: Absence(
              caseKey: record.key, .quarantined, stage: words(), code: words(), reason: words()))
        ]
        return record
      }
      #expect(try PageCheck.passes(Page(contents).html))
    }
  }

  @Test(arguments: [
    (0.0, 1, "0.0"), (-0.04, 1, "0.0"), (-0.05, 1, "−0.1"), (12.345, 2, "12.35"), (1, 0, "1"),
    (.nan, 2, "–"), (.infinity, 1, "–"), (0.005, 2, "0.01"), (999.999, 2, "1000.00"),
  ])
  func `numbers for people`(value: Double, digits: Int, text: String) {
    #expect(value.shown(digits) == text)
  }
}
