/// Puts texts into columns.
package enum TextLayout {
  /// Wraps paragraphs at words. Lines that begin with a space are kept as they are.
  package static func wrap(_ text: String, width: Int, indentation: String = "") -> String {
    var lines = [String]()
    var current = ""
    func flush() {
      if !current.isEmpty { lines.append(indentation + current) }
      current = ""
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty || line.hasPrefix(" ") {
        flush()
        lines.append(line.isEmpty ? "" : indentation + line)
        continue
      }
      for word in line.split(separator: " ") {
        let needed = current.displayWidth + (current.isEmpty ? 0 : 1) + String(word).displayWidth
        if needed > width - indentation.count { flush() }
        current += (current.isEmpty ? "" : " ") + word
      }
    }
    flush()
    return lines.joined(separator: "\n")
  }

  /// Two columns, indented by two; the second is wrapped. Long labels get a line of their own;
  /// line breaks in the text stay.
  package static func table(
    _ rows: [(label: String, text: String)], width: Int, mark: (String) -> String = { $0 }
  ) -> String {
    let widest = rows.map(\.label.displayWidth).max() ?? 0
    let column = min(widest, 26)
    let rest = max(width - column - 4, 20)
    let indentation = String(repeating: " ", count: column + 4)
    return rows.map { row in
      let wrapped = row.text.split(separator: "\n").flatMap { line in
        line.hasPrefix(" ")
          ? [String(line)]
          : wrap(String(line), width: rest).split(separator: "\n").map(String.init)
      }
      var lines = [String]()
      if row.label.displayWidth > column {
        lines.append("  " + mark(row.label))
        lines += wrapped.map { indentation + $0 }
      } else {
        let padding = String(repeating: " ", count: column - row.label.displayWidth + 2)
        lines.append("  " + mark(row.label) + (wrapped.isEmpty ? "" : padding + wrapped[0]))
        lines += wrapped.dropFirst().map { indentation + $0 }
      }
      return lines.joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
