import PonsCommand
import Synchronization

/// A small terminal: what people would see after the escape sequences that Pons writes.
///
/// It knows text, line feed, carriage return, colours (ignored), cursor up, and erase below; anything else
/// is recorded as unknown. Lines wrap at the last column like on a real terminal.
final class VirtualTerminal: TextOutput {
  private struct Screen {
    var lines: [[Character]] = [[]]
    var row = 0
    var column = 0
    var top = 0
    var unknown = [String]()
    var colors = Set<String>()
    var drawings = 0
  }

  private let columns: Int
  private let rows: Int
  private let screen = Mutex(Screen())

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  var isTerminal: Bool { true }
  var size: (columns: Int, rows: Int)? { (columns, rows) }

  /// Everything that was written, scrolled-off lines included, without blanks at the ends of lines.
  var lines: [String] {
    screen.withLock { screen in
      var lines = screen.lines.map { line in
        var line = line
        while line.last == " " { line.removeLast() }
        return String(line)
      }
      while lines.last == "" { lines.removeLast() }
      return lines
    }
  }

  /// Escape sequences that this terminal does not know.
  var unknown: [String] { screen.withLock { $0.unknown } }
  /// How often something was written.
  var drawings: Int { screen.withLock { $0.drawings } }
  /// The colours that were used.
  var colors: Set<String> { screen.withLock { $0.colors } }

  func write(_ text: String) {
    screen.withLock { screen in
      screen.drawings += 1
      var rest = text.unicodeScalars[...]
      while let scalar = rest.popFirst() {
        switch scalar {
        case "\u{1B}": escape(&rest, &screen)
        case "\n": newLine(&screen)
        case "\r": screen.column = 0
        default: put(Character(scalar), &screen)
        }
      }
    }
  }

  private func put(_ character: Character, _ screen: inout Screen) {
    if screen.column == columns {
      newLine(&screen)
    }
    while screen.lines[screen.row].count <= screen.column { screen.lines[screen.row].append(" ") }
    screen.lines[screen.row][screen.column] = character
    screen.column += 1
  }

  private func newLine(_ screen: inout Screen) {
    screen.row += 1
    screen.column = 0
    if screen.row == screen.lines.count { screen.lines.append([]) }
    screen.top = max(screen.top, screen.row - rows + 1)
  }

  private func escape(_ rest: inout Substring.UnicodeScalarView, _ screen: inout Screen) {
    var sequence = ""
    while let scalar = rest.popFirst() {
      sequence.unicodeScalars.append(scalar)
      if scalar.properties.isAlphabetic { break }
    }
    let number = Int(sequence.dropFirst().dropLast()) ?? 0
    switch sequence.last {
    case "m": screen.colors.insert(sequence)
    // The cursor cannot go above the screen: what has scrolled off cannot be redrawn.
    case "A": screen.row = max(screen.top, screen.row - max(number, 1))
    case "J" where number == 0:
      screen.lines.removeLast(screen.lines.count - screen.row - 1)
      screen.lines[screen.row].removeLast(max(0, screen.lines[screen.row].count - screen.column))
    default: screen.unknown.append(sequence)
    }
  }
}
