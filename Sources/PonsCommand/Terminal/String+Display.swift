extension Unicode.Scalar {
  /// Columns that a terminal needs for it.
  fileprivate var displayWidth: Int {
    if properties.generalCategory == .nonspacingMark || properties.generalCategory == .enclosingMark
      || properties.generalCategory == .format
    {
      return 0
    }
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}

extension String {
  /// Columns that a terminal needs for it; it must have no control characters.
  var displayWidth: Int {
    utf8.allSatisfy { $0 < 0x80 }
      ? utf8.count : unicodeScalars.reduce(0) { $0 + $1.displayWidth }
  }

  /// The text without anything that moves a cursor or changes a terminal: texts of plugins and names of
  /// files are never trusted. Line breaks become spaces.
  var printable: String {
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
    var result = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: result.unicodeScalars.append(" ")
      case .format: break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The text filled up with spaces, or cut with an ellipsis, to a number of columns.
  func fitted(to width: Int, ellipsis: String = "…") -> String {
    let own = displayWidth
    if own <= width { return self + String(repeating: " ", count: width - own) }
    return cut(to: width, ellipsis: ellipsis)
  }

  /// The text, cut with an ellipsis when it needs more than a number of columns.
  func cut(to width: Int, ellipsis: String = "…") -> String {
    if displayWidth <= width { return self }
    guard width > ellipsis.displayWidth else { return String(ellipsis.prefix(max(width, 0))) }
    var result = ""
    var used = ellipsis.displayWidth
    for character in self {
      let needed = String(character).displayWidth
      if used + needed > width { break }
      used += needed
      result.append(character)
    }
    return result + ellipsis
  }

  /// The text with a small first letter, for use inside a sentence; names in capitals stay.
  var lowercasedFirst: String {
    let second = dropFirst().first
    guard let first, second?.isUppercase != true else { return self }
    return first.lowercased() + dropFirst()
  }
}
