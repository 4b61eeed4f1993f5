/// A text with references to parameters of the manifest: `${name}`; `$${` stands for `${`.
struct Template: Sendable, Hashable {
  enum Piece: Sendable, Hashable {
    case text(String)
    case reference(String)
  }

  var pieces: [Piece]

  /// The parameter, when the text is one reference and nothing else.
  var wholeReference: String? {
    if pieces.count == 1, case .reference(let name) = pieces[0] { return name }
    return nil
  }

  var references: [String] {
    pieces.compactMap { piece in
      if case .reference(let name) = piece { return name }
      return nil
    }
  }

  /// Nil when a reference is not well-formed.
  init?(_ text: String) {
    if !text.utf8.contains(UInt8(ascii: "$")) {
      pieces = [.text(text)]
      return
    }
    var pieces: [Piece] = []
    var literal = String.UnicodeScalarView()
    let scalars = Array(text.unicodeScalars)
    var index = 0
    func follows(_ pattern: String) -> Bool {
      scalars[index...].starts(with: pattern.unicodeScalars)
    }
    while index < scalars.count {
      if follows("$${") {
        literal.append(contentsOf: "${".unicodeScalars)
        index += 3
      } else if follows("${") {
        guard let end = scalars[index...].firstIndex(of: "}") else { return nil }
        let name = String(String.UnicodeScalarView(scalars[(index + 2)..<end]))
        if !Names.isValid(name) { return nil }
        if !literal.isEmpty { pieces.append(.text(String(literal))) }
        literal = String.UnicodeScalarView()
        pieces.append(.reference(name))
        index = end + 1
      } else {
        literal.append(scalars[index])
        index += 1
      }
    }
    if !literal.isEmpty || pieces.isEmpty { pieces.append(.text(String(literal))) }
    self.pieces = pieces
  }

  /// A text that reads back as itself.
  static func escaped(_ text: String) -> String {
    var result = ""
    var rest = Substring(text)
    while let range = rest.firstRange(of: "${") {
      result += rest[..<range.lowerBound] + "$${"
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
