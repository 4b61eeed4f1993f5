internal import PonsKit

/// How the classes of slices compare with the truth: counts of slices, and the rates that follow.
///
/// Accuracy, precision and recall are those of the slices that have a class; `recall_of_all` counts positive slices without one as missed. A
/// rate of nothing is NaN.
struct SliceCounts: Sendable {
  var slices = 0
  var truePositives = 0
  var falsePositives = 0
  var trueNegatives = 0
  var falseNegatives = 0
  /// Positive slices without a class.
  var unlabelledPositives = 0

  mutating func add(isPositive: Bool, label: Bool?) {
    slices += 1
    switch (isPositive, label) {
    case (true, true?): truePositives += 1
    case (true, false?): falseNegatives += 1
    case (false, true?): falsePositives += 1
    case (false, false?): trueNegatives += 1
    case (true, nil): unlabelledPositives += 1
    case (false, nil): break
    }
  }

  static func + (a: SliceCounts, b: SliceCounts) -> SliceCounts {
    var sum = a
    sum.slices += b.slices
    sum.truePositives += b.truePositives
    sum.falsePositives += b.falsePositives
    sum.trueNegatives += b.trueNegatives
    sum.falseNegatives += b.falseNegatives
    sum.unlabelledPositives += b.unlabelledPositives
    return sum
  }

  var labelled: Int { truePositives + falsePositives + trueNegatives + falseNegatives }
  var coverage: Double { Double(labelled) / Double(slices) }
  var accuracy: Double { Double(truePositives + trueNegatives) / Double(labelled) }
  var precision: Double { Double(truePositives) / Double(truePositives + falsePositives) }
  var recall: Double { Double(truePositives) / Double(truePositives + falseNegatives) }
  var recallOfAll: Double {
    Double(truePositives) / Double(truePositives + falseNegatives + unlabelledPositives)
  }
}

extension [SliceCounts] {
  /// The columns of a table with a row an element.
  var columns: [Table.Column] {
    func integers(_ name: String, _ value: (SliceCounts) -> Int) -> Table.Column {
      Table.Column(name, .integers(map { Int64(value($0)) }), unit: "slices")
    }
    func numbers(_ name: String, _ value: (SliceCounts) -> Double) -> Table.Column {
      Table.Column(name, .numbers(map(value)))
    }
    return [
      integers("slices") { $0.slices }, integers("labelled") { $0.labelled },
      integers("true_positives") { $0.truePositives },
      integers("false_positives") { $0.falsePositives },
      integers("true_negatives") { $0.trueNegatives },
      integers("false_negatives") { $0.falseNegatives },
      integers("unlabelled_positives") { $0.unlabelledPositives },
      numbers("coverage") { $0.coverage }, numbers("accuracy") { $0.accuracy },
      numbers("precision") { $0.precision }, numbers("recall") { $0.recall },
      numbers("recall_of_all") { $0.recallOfAll },
    ]
  }
}
