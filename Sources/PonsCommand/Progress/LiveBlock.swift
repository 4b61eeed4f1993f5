/// Lines at the end of a terminal that are redrawn in place, below lines that stay.
///
/// Before each drawing the cursor stands at the beginning of the line below the block.
package struct LiveBlock: Sendable {
  private var drawn = [String]()

  /// A block that is not drawn.
  package init() {}

  /// What to write so that lines stay above the block and the block shows new lines.
  package mutating func update(
    above: [String] = [], block: [String], columns: Int
  ) -> String {
    if above.isEmpty && block == drawn { return "" }
    let text = erasing(columns: columns) + (above + block).map { $0 + "\n" }.joined()
    drawn = block
    return text
  }

  /// A terminal that became narrower has wrapped what was drawn: then there are more rows to go up.
  private func erasing(columns: Int) -> String {
    let rows = drawn.reduce(0) { sum, line in
      let width = line.withoutEscapes.displayWidth
      return sum + max(1, (width + columns - 1) / max(columns, 1))
    }
    return rows == 0 ? "" : "\u{1B}[\(rows)A\r\u{1B}[J"
  }
}

extension String {
  /// The text without the colours that ``Style`` writes.
  var withoutEscapes: String {
    guard utf8.contains(0x1B) else { return self }
    var result = ""
    var isEscape = false
    for scalar in unicodeScalars {
      if scalar == "\u{1B}" {
        isEscape = true
      } else if isEscape {
        isEscape = scalar != "m"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
