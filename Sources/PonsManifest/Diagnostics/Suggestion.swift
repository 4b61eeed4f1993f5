/// Finds the valid name that somebody probably meant.
package enum Suggestion {
  /// `did you mean 'x'?` for the nearest candidate, else the candidates themselves when they are few, else nothing.
  static func hint(for name: String, among candidates: some Sequence<String>, noun: String)
    -> String
  {
    let candidates = Array(candidates)
    if let nearest = nearest(to: name, among: candidates) { return "did you mean '\(nearest)'?" }
    if candidates.isEmpty { return "" }
    if candidates.count > 16 { return "" }
    return "\(noun): \(candidates.joined(separator: ", "))"
  }

  /// The candidate with the fewest typing errors, when they are few enough for the length of the name. Of equally
  /// near candidates the first wins.
  package static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars.prefix(maximumLength))
    var best: (distance: Int, candidate: String)?
    for candidate in candidates {
      let other = Array(candidate.lowercased().unicodeScalars.prefix(maximumLength))
      // A third of the letters may be wrong, one always, but not all of them.
      let longer = max(wanted.count, other.count)
      let cutoff = min(max(1, longer / 3), 4, longer - 1)
      if abs(wanted.count - other.count) > cutoff { continue }
      let distance = distance(wanted, other)
      if distance <= cutoff, distance < best?.distance ?? Int.max { best = (distance, candidate) }
    }
    return best?.candidate
  }

  private static let maximumLength = 128

  /// Damerau-Levenshtein distance in its restricted form: insertions, deletions, substitutions and transpositions
  /// of neighbours, no part being edited twice.
  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 1...a.count {
      var row = [i]
      row.reserveCapacity(b.count + 1)
      for j in 1...b.count {
        let substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        var cost = min(substitution, last[j] + 1, row[j - 1] + 1)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          cost = min(cost, beforeLast[j - 2] + 1)
        }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
