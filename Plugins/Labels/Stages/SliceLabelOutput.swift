internal import PonsKit

extension Context {
  /// Sends classes that are known for certain: probability 1, and equal ones where there is none.
  ///
  /// - Parameters:
  ///   - labels: the class of each slice, nil for none.
  ///   - source: what told them, for provenance.
  func send(
    _ port: Output<SliceLabelsKind>, labels: [Int?], classes: [String], source: String
  ) throws {
    let count = classes.count
    try send(
      port,
      tensors: [
        TensorRequest("probability", .float32, [labels.count, count]),
        TensorRequest("label", .int8, [labels.count]),
      ],
      metadata: ["classes": .array(classes.map(JSON.string)), "source": .string(source)]
    ) { draft in
      let rows: [Float] = labels.flatMap { label in
        (0..<count).map { number in
          label.map { $0 == number ? 1 : 0 } ?? 1 / Float(count)
        }
      }
      try draft.fill("probability", with: rows)
      try draft.fill("label", with: labels.map { Int8($0 ?? -1) })
    }
  }
}

/// Parameters that all stages here have.
enum LabelParameters {
  static let classes = ParameterDescriptor(
    "classes", .array(.string), "names of the classes, the one that is looked for last",
    defaultValue: ["normal", "tumour"])

  /// - Throws: `StageFailure` of category `badParameter` when these cannot be names of classes.
  static func check(_ classes: [String]) throws {
    if classes.isEmpty || classes.count > 127 || Set(classes).count < classes.count
      || classes.contains("")
    {
      throw StageFailure(
        .badParameter, "classes must be up to 127 different names", parameter: "classes")
    }
  }
}
