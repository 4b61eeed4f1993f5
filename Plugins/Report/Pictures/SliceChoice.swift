/// Which slices of a volume are shown.
package enum SliceChoice {
  /// The slice with the most of something, and others before and behind it, spread over where there is any of it, and of those
  /// that have any if there are enough.
  ///
  /// - Parameters:
  ///   - amounts: how much there is in each slice, not negative.
  ///   - count: how many slices are shown at most, at least 1.
  /// - Returns: ascending numbers of slices; the middle one alone when there is nothing anywhere.
  package static func slices(_ amounts: [Double], count: Int) -> [Int] {
    guard let first = amounts.firstIndex(where: { $0 > 0 }),
      let last = amounts.lastIndex(where: { $0 > 0 }),
      let largest = amounts.indices.max(by: { amounts[$0] < amounts[$1] })
    else { return amounts.isEmpty ? [] : [amounts.count / 2] }
    let step = max(1, (last - first + 1) / (count + 1))
    var chosen: Set<Int> = [largest]
    for distance in 1..<max(2, count) {
      for wanted in [largest - distance * step, largest + distance * step]
      where amounts.indices.contains(wanted) && chosen.count < count {
        let nearest = (first...last).filter { amounts[$0] > 0 && !chosen.contains($0) }
          .min { abs($0 - wanted) < abs($1 - wanted) }
        chosen.insert(nearest ?? wanted)
      }
    }
    return chosen.sorted()
  }
}
