internal import PonsKit

/// CLIP's tokenizer: byte-level byte-pair encoding of small letters, with a mark at the end of each word.
///
/// Gives the ids of `CLIPTokenizer` of transformers 5 (the one backed by the tokenizers library). As there, texts are not
/// mended: HTML entities and broken encodings stay as they are. `<|startoftext|>` and `<|endoftext|>` in a text are those tokens.
/// Sources: Radford et al., 2021; Sennrich et al., "Neural machine translation of rare words with subword units", 2016.
package struct ClipTokenizer: Sendable {
  /// The token that begins a text.
  package let start: Int
  /// The token that ends it, at whose place the text is summed up.
  package let end: Int
  /// Number of tokens.
  package let count: Int
  /// Tokens of each byte within and at the end of a word; nil where the vocabulary has none.
  private let inner: [Int32?]
  private let last: [Int32?]
  private let merges: [UInt64: Merge]

  private struct Merge {
    let rank: Int32
    let token: Int32
  }

  package static let startText = "<|startoftext|>"
  package static let endText = "<|endoftext|>"

  /// A tokenizer of a vocabulary.
  ///
  /// - Parameters:
  ///   - vocabulary: tokens and their ids.
  ///   - merges: pairs of tokens that become one, the first first.
  /// - Throws: `StageFailure` of category `badParameter` when they do not fit together.
  package init(vocabulary: [String: Int], merges: [(String, String)]) throws {
    func id(_ token: String) throws -> Int32 {
      guard let id = vocabulary[token].flatMap({ Int32(exactly: $0) }), id >= 0 else {
        throw Self.broken("the vocabulary has no valid id for '\(token)'")
      }
      return id
    }
    start = Int(try id(Self.startText))
    end = Int(try id(Self.endText))
    count = (vocabulary.values.max() ?? 0) + 1
    let characters = ByteAlphabet.characters.map { String(Character($0)) }
    inner = characters.map { vocabulary[$0].flatMap { Int32(exactly: $0) } }
    last = characters.map { vocabulary[$0 + "</w>"].flatMap { Int32(exactly: $0) } }
    var table: [UInt64: Merge] = [:]
    table.reserveCapacity(merges.count)
    for (rank, (left, right)) in merges.enumerated() {
      let pair = Self.pair(try id(left), try id(right))
      if table[pair] == nil { table[pair] = Merge(rank: Int32(rank), token: try id(left + right)) }
    }
    self.merges = table
  }

  static func broken(_ message: String) -> StageFailure {
    StageFailure(
      .badParameter, code: "BAD_MODEL", "the model's tokenizer cannot be used: \(message)",
      hint: "fetch the files of the model again", parameter: "model")
  }

  /// Tokens of a text from start to end, at most `limit` of them: of longer texts the rest is left out, not the end.
  package func encode(_ text: String, limit: Int) -> [Int] {
    var tokens = [start]
    outer: for part in parts(text) {
      let found: [Int] =
        switch part {
        case .token(let token): [token]
        case .word(let word): self.tokens(of: word)
        }
      for token in found {
        if tokens.count >= limit - 1 { break outer }
        tokens.append(token)
      }
    }
    return tokens + [end]
  }

  /// The words of a text in small letters, in order, each once. For models that only learned whole words.
  package func words(in text: String) -> [String] {
    var found: [String] = []
    for case .word(let bytes) in parts(text) {
      let word = String(decoding: bytes, as: UTF8.self)
      if !found.contains(word) { found.append(word) }
    }
    return found
  }

  // MARK: Parts

  private enum Part {
    case word([UInt8])
    case token(Int)
  }

  /// Words, and special tokens that are written out.
  private func parts(_ text: String) -> [Part] {
    let scalars = text.unicodeScalars
    var parts: [Part] = []
    var begin = scalars.startIndex
    func addWords(to end: String.Index) {
      parts += WordSplitter.words(Substring(scalars[begin..<end])).map(Part.word)
    }
    var place = begin
    while let next = scalars[place...].firstIndex(of: "<") {
      let special = [(Self.startText, start), (Self.endText, end)].first {
        scalars[next...].starts(with: $0.0.unicodeScalars)
      }
      guard let special else {
        place = scalars.index(after: next)
        continue
      }
      addWords(to: next)
      parts.append(.token(special.1))
      place = scalars.index(next, offsetBy: special.0.unicodeScalars.count)
      begin = place
    }
    addWords(to: scalars.endIndex)
    return parts
  }

  // MARK: Words

  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Tokens of a word: its bytes, joined pair by pair, always the pair that was learned first. Bytes that the vocabulary lacks
  /// become the end token, which stands for the unknown.
  private func tokens(of word: [UInt8]) -> [Int] {
    var tokens = word.enumerated().map { index, byte in
      (index == word.count - 1 ? last : inner)[Int(byte)] ?? Int32(end)
    }
    while tokens.count > 1 {
      var best: (pair: UInt64, merge: Merge)?
      for (left, right) in zip(tokens, tokens.dropFirst()) {
        let pair = Self.pair(left, right)
        if let merge = merges[pair], merge.rank < best?.merge.rank ?? .max { best = (pair, merge) }
      }
      guard let best else { break }
      var read = 0
      var written = 0
      while read < tokens.count {
        if read + 1 < tokens.count, Self.pair(tokens[read], tokens[read + 1]) == best.pair {
          tokens[written] = best.merge.token
          read += 2
        } else {
          tokens[written] = tokens[read]
          read += 1
        }
        written += 1
      }
      tokens.removeLast(tokens.count - written)
    }
    return tokens.map(Int.init)
  }
}
