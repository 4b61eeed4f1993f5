import PonsCommand
import Testing

@Suite struct TextLayoutTests {
  @Test func `paragraphs are wrapped at words, indented lines are kept`() {
    let text = TextLayout.wrap("one two three four\n\n  kept  as it is\nfive", width: 9)
    #expect(text == "one two\nthree\nfour\n\n  kept  as it is\nfive")
  }

  @Test func `a word that is wider than the width stands alone`() {
    #expect(TextLayout.wrap("a abcdefgh b", width: 4) == "a\nabcdefgh\nb")
  }

  @Test func `tables align their second column and wrap it`() {
    let text = TextLayout.table([("a", "one two"), ("bbb", "three")], width: 24)
    #expect(text == "  a    one two\n  bbb  three")
    let narrow = TextLayout.table([("a", "one two three four five")], width: 25)
    #expect(narrow == "  a  one two three four\n     five")
  }
}
