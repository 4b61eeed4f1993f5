/// Says which label a slice gets: the class with the largest probability, when that is large enough.
package struct ConfidenceCut: Sendable, Hashable {
  /// The least probability of each class.
  package var minimum: [Double]

  package init(minimum: [Double]) { self.minimum = minimum }

  /// The label of probabilities `[k]`; -1: none.
  package func callAsFunction(_ probabilities: some Collection<Float>) -> Int8 {
    var best = 0
    var largest = -Float.infinity
    for (index, probability) in probabilities.enumerated() where probability > largest {
      (best, largest) = (index, probability)
    }
    // In float32, as probabilities are: 0.6 must pass a cut of 0.6.
    return largest >= Float(minimum[best]) ? Int8(best) : -1
  }
}
