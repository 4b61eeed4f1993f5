/// Finds what somebody may have meant.
package enum Spelling {
  /// The candidate that is nearest to a word, or nil when none is near.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    let limit = max(1, word.count / 3)
    let scored = candidates.map { (distance(word, $0), $0) }
    if let best = scored.min(by: { $0.0 < $1.0 }), best.0 <= limit { return best.1 }
    return word.count >= 3 ? candidates.first { $0.hasPrefix(word) } : nil
  }

  /// How many letters must be put in, taken out, replaced, or swapped with their neighbour.
  static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left), Array(right))
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var beforeLast = [Int]()
    var last = Array(0...right.count)
    for i in 1...left.count {
      var row = [i]
      for j in 1...right.count {
        let change = left[i - 1] == right[j - 1] ? 0 : 1
        var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change)
        if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
          cost = min(cost, beforeLast[j - 2] + 1)
        }
        row.append(cost)
      }
      (beforeLast, last) = (last, row)
    }
    return last[right.count]
  }
}
