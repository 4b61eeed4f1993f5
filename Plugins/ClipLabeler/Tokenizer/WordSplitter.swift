// Normalisation form C is the one thing of Unicode that the standard library has and does not offer openly; Foundation gets
// it in this way, too. To be replaced when there is a public function.
@_spi(_Unicode) internal import Swift

/// Cuts a text into the words of CLIP's tokenizer.
///
/// The text is brought to normalisation form C, each run of white space becomes one space, letters become small ones (each
/// for itself: no rule looks at neighbours). Words are then, whichever matches first at a place: an English contraction (`'s`, `'t`,
/// `'re`, `'ve`, `'m`, `'ll`, `'d`), a run of letters, one number, a run of anything else but white space. Source: the
/// pattern of OpenAI's CLIP as `CLIPTokenizer` of transformers 5 uses it.
enum WordSplitter {
  /// The words in order, each in UTF-8.
  static func words(_ text: Substring) -> [[UInt8]] {
    let scalars = text.description._nfc.flatMap { scalar -> [Unicode.Scalar] in
      // What white space it is does not matter: it only separates.
      scalar.properties.isWhitespace
        ? [" "] : Array(scalar.properties.lowercaseMapping.unicodeScalars)
    }
    var words: [[UInt8]] = []
    var place = 0
    while place < scalars.count {
      if scalars[place] == " " {
        place += 1
        continue
      }
      for end in ends(scalars, from: place) {
        words.append(
          scalars[place..<end].flatMap {
            Array(UTF8.encode($0) ?? UTF8.encodedReplacementCharacter)
          })
        place = end
      }
    }
    return words
  }

  private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map(scalars)
  /// Special tokens that only became such by small letters: the byte-level step cuts them in three.
  private static let marks = ["<|startoftext|>", "<|endoftext|>"].map(scalars)

  private static func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.unicodeScalars) }

  /// Where the word that begins at a place ends, or the words that it is cut into.
  private static func ends(_ scalars: [Unicode.Scalar], from place: Int) -> [Int] {
    let rest = scalars[place...]
    if let mark = marks.first(where: rest.starts(with:)) {
      return [place + 2, place + mark.count - 2, place + mark.count]
    }
    if let contraction = contractions.first(where: rest.starts(with:)) {
      return [place + contraction.count]
    }
    let kind = Kind(scalars[place])
    if kind == .number { return [place + 1] }
    return [rest.firstIndex { Kind($0) != kind } ?? scalars.count]
  }

  private enum Kind {
    case space, letter, number, other

    init(_ scalar: Unicode.Scalar) {
      self =
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
          .letter
        case .decimalNumber, .letterNumber, .otherNumber: .number
        default: scalar == " " ? .space : .other
        }
    }
  }
}
