/// The parts of a relative path.
struct FileName {
  /// With the slash behind it; empty at the top.
  var folder: String
  /// The last part.
  var name: String

  init(_ relative: String) {
    let slash = relative.lastIndex(of: "/")
    folder = slash.map { String(relative[...$0]) } ?? ""
    name = String(relative[(slash.map { relative.index(after: $0) } ?? relative.startIndex)...])
  }

  /// What follows the last point of the name, in lower case; empty when there is none, and `#` for a number, as UIDs
  /// have it.
  var suffix: String {
    guard let point = name.lastIndex(of: ".") else { return "" }
    let suffix = name[name.index(after: point)...].lowercased()
    return suffix.allSatisfy(\.isNumber) ? "#" : suffix
  }

  /// The name in lower case with a `#` for every number, also a hexadecimal one: equal in files that a program numbered.
  var pattern: String {
    var pattern = ""
    var run = ""
    func end() {
      pattern += run.contains(where: \.isNumber) ? "#" : run
      run = ""
    }
    for character in name.lowercased() {
      if character.isHexDigit {
        run.append(character)
      } else {
        end()
        pattern.append(character)
      }
    }
    end()
    return pattern
  }

  /// Names sorted by this are in the order in which people count: 2 comes before 10.
  var counted: [Piece] {
    var pieces: [Piece] = []
    for character in name.lowercased() {
      if let digit = character.isASCII ? character.wholeNumberValue : nil {
        if case .number(let digits)? = pieces.last {
          pieces[pieces.count - 1] = .number(digits == "0" ? "\(digit)" : digits + "\(digit)")
        } else {
          pieces.append(.number("\(digit)"))
        }
      } else {
        pieces.append(.character(character))
      }
    }
    return pieces
  }

  /// A number of any length, or a character.
  enum Piece: Comparable {
    case number(String)
    case character(Character)

    static func < (a: Self, b: Self) -> Bool {
      switch (a, b) {
      case (.number(let a), .number(let b)): (a.count, a) < (b.count, b)
      case (.character(let a), .character(let b)): a < b
      case (.number, .character): true
      case (.character, .number): false
      }
    }
  }
}

/// How the images of folders are named, to tell whether another file was meant to be one.
struct ImageNames {
  private var suffixes: [String: Set<String>] = [:]
  private var patterns: [String: Set<String>] = [:]

  /// - Parameter images: relative paths.
  init(_ images: [String]) {
    for image in images {
      let name = FileName(image)
      suffixes[name.folder, default: []].insert(name.suffix)
      patterns[name.folder, default: []].insert(name.pattern)
    }
  }

  /// Whether images of the same folder have the suffix.
  func haveSuffix(of relative: String) -> Bool {
    let name = FileName(relative)
    return suffixes[name.folder]?.contains(name.suffix) == true
  }

  /// Whether images of the same folder have the same name up to numbers in it.
  func areLike(_ relative: String) -> Bool {
    let name = FileName(relative)
    let pattern = name.pattern
    return pattern.contains("#") && patterns[name.folder]?.contains(pattern) == true
  }
}
