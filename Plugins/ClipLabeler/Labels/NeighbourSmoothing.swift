/// Gives a labelled slice the label that most of its labelled neighbours have.
///
/// Of the labelled slices, sorted, the neighbours of one are up to ``each`` before it and behind it in the list that are at
/// most ``reach`` slices away in the volume. When there are more than ``minimum`` of them, the slice takes the label that
/// occurs most often; of labels that occur equally often the lowest. All look at the labels from before. Slices without
/// a label keep none. Source: Ma et al., "CLISC", 2025, and its code: 5, 6 and 8.
package struct NeighbourSmoothing: Sendable, Hashable {
  package var each: Int
  package var reach: Int
  package var minimum: Int

  /// A window in slices.
  package init(each: Int = 5, reach: Int = 6, minimum: Int = 8) {
    self.each = each
    self.reach = reach
    self.minimum = minimum
  }

  /// A window of `distance` mm on either side: all labelled slices in it, of which more than eight tenths of those that
  /// fit must be there, as with a window in slices.
  package init(distance: Double, spacing: Double) {
    let count = Int(min(distance / spacing + 1e-9, 1e6))
    self.init(each: count, reach: count, minimum: count * 8 / 5)
  }

  /// New labels, of as many slices; negative ones are none.
  package func callAsFunction(_ labels: [Int8]) -> [Int8] {
    let labelled = labels.indices.filter { labels[$0] >= 0 }
    var result = labels
    for (place, z) in labelled.enumerated() {
      let neighbours = (max(0, place - each)..<min(labelled.count, place + each + 1))
        .filter { $0 != place && abs(labelled[$0] - z) <= reach }
      if neighbours.count <= minimum || neighbours.isEmpty { continue }
      var votes = [Int](repeating: 0, count: 128)
      for neighbour in neighbours { votes[Int(labels[labelled[neighbour]])] += 1 }
      let most = votes.max() ?? 0
      result[z] = Int8(votes.firstIndex(of: most) ?? 0)
    }
    return result
  }
}
