/// Which cases stay, by their similarities.
///
/// Cases are ranked from the most similar to the least; those that are equally similar by their case keys. A case stays when it is
/// among the fewest that make up the fraction, and reaches the least similarity.
package struct Ranking: Sendable {
  /// Rank of each case, from 1; in the order of the cases.
  package let ranks: [Int]
  /// Whether each case stays.
  package let isKept: [Bool]
  /// How many the fraction lets stay.
  package let places: Int

  /// Ranks cases.
  ///
  /// - Parameters:
  ///   - similarities: of the cases, sorted by case key; none is NaN.
  ///   - fraction: how many stay, 0 to 1; rounded up to whole cases.
  ///   - minimum: the least similarity.
  package init(_ similarities: [Double], fraction: Double, minimum: Double) {
    let order = similarities.indices.sorted {
      similarities[$0] > similarities[$1] || similarities[$0] == similarities[$1] && $0 < $1
    }
    var ranks = [Int](repeating: 0, count: similarities.count)
    for (place, index) in order.enumerated() { ranks[index] = place + 1 }
    // 0.07 * 100 is a little more than 7, and 7 cases are meant.
    let places = Int((fraction * Double(similarities.count) - 1e-9).rounded(.up))
    self.places = places
    self.ranks = ranks
    isKept = zip(similarities, ranks).map { $0 >= minimum && $1 <= places }
  }
}
