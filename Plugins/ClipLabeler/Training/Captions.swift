/// What pictures show, and what is said of them.
enum Subject: Int, CaseIterable {
  case normalBrain, tumorBrain, circle, square, stripes, noise, nothing

  private var things: [String] {
    switch self {
    case .normalBrain:
      ["a normal brain", "a healthy brain", "normal brain tissue", "brain tissue", "a brain"]
    case .tumorBrain: ["a brain", "brain tissue", "an abnormal brain", "abnormal brain tissue"]
    case .circle: ["a circle", "a bright circle", "a dark circle", "a drawing of a circle"]
    case .square: ["a square", "a bright square", "a dark square", "a drawing of a square"]
    case .stripes: ["stripes", "a drawing of stripes"]
    case .noise: ["noise", "only noise"]
    case .nothing: ["nothing", "background", "only background"]
    }
  }

  /// What follows; of the first brains something must, or nobody could tell them from the second.
  private var remarks: [String] {
    switch self {
    case .normalBrain:
      [
        "without tumor", "without any tumor", "without lesion", "without any mass",
        "with normal signal",
        "showing typical signal intensity", "without suspicious mass", "without abnormal intensity",
        "showing normal intensity without any lesion", "showing typical signal",
        "showing typical signal intensity without any regions of abnormal intensity or suspicious mass",
      ]
    case .tumorBrain:
      [
        "with a tumor", "with a lesion", "with a mass", "with a bright tumor",
        "with a large lesion",
        "with a small tumor", "showing a tumor", "showing a suspicious mass", "showing a lesion",
        "with abnormal intensity", "with regions of abnormal intensity",
        "with uneven hyperintensity",
        "with a tumor with irregular borders", "showing a bright mass distinct from surroundings",
        "showing a tumor with uneven hyperintensity and irregular borders distinct from surroundings",
      ]
    default: [""]
    }
  }

  private static let beginnings = [
    "", "an image of ", "a slice of ", "a picture of ", "an axial slice of ",
  ]

  /// One of the things that can be said.
  func caption(_ numbers: inout SeededNumbers) -> String {
    let begin = Self.beginnings.randomElement(using: &numbers) ?? ""
    let thing = things.randomElement(using: &numbers) ?? ""
    let remark = remarks.randomElement(using: &numbers) ?? ""
    return begin + thing + (remark.isEmpty ? "" : " " + remark)
  }

  /// All words that captions are made of, sorted.
  static let words: [String] = {
    var words: Set<String> = []
    for subject in allCases {
      for text in beginnings + subject.things + subject.remarks {
        words.formUnion(text.split(separator: " ").map(String.init))
      }
    }
    return words.sorted()
  }()
}

/// A vocabulary in which each word is one token: pairs are joined, the most frequent first, until all are.
struct WordVocabulary {
  private(set) var tokens: [String] = []
  private(set) var merges: [(String, String)] = []

  init(_ words: [String], start: String, end: String) {
    var parts: [[String]] = words.map { word in
      var letters = word.map { String($0) }
      letters[letters.count - 1] += "</w>"
      return letters
    }
    tokens = Set(parts.joined()).sorted()
    while true {
      var counts: [[String]: Int] = [:]
      for word in parts {
        for pair in zip(word, word.dropFirst()) { counts[[pair.0, pair.1], default: 0] += 1 }
      }
      // Of pairs that are equally frequent the first by name, so that the result is always the same.
      let best = counts.max { left, right in
        if left.value != right.value { return left.value < right.value }
        return right.key.lexicographicallyPrecedes(left.key)
      }?.key
      guard let best else { break }
      merges.append((best[0], best[1]))
      let joined = best[0] + best[1]
      if !tokens.contains(joined) { tokens.append(joined) }
      parts = parts.map { word in
        var result: [String] = []
        var place = 0
        while place < word.count {
          if place + 1 < word.count, word[place] == best[0], word[place + 1] == best[1] {
            result.append(joined)
            place += 2
          } else {
            result.append(word[place])
            place += 1
          }
        }
        return result
      }
    }
    tokens += [start, end]
  }
}
