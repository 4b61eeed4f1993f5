internal import PonsKit

/// SAM-segmentation similarity filter of CLISC (Ma et al., ISBI 2025): keeps the cases whose two masks agree best.
///
/// A network's mask that SAM confirms when it is prompted with it is likely to be good. See ``Ranking`` for the rule.
struct S3FFilter: Stage {
  static let a = Input<MaskKind>("a", .all, "the masks that are kept, of the network")
  static let b = Input<MaskKind>(
    "b", .all, "what they are compared with: of SAM, prompted with a", sameGrid: "a")
  static let kept = Output<MaskKind>("mask", .perCase, "a, of the cases that stay")
  static let scores = Output<TableKind>(
    "scores", .one, "one row a case, sorted by case key: similarity, rank, kept (1 or 0)",
    optional: true)

  struct Parameters: StageParameters {
    var keep_fraction: Double
    var min_similarity: Double
    var slices: MaskSimilarity.Slices

    static let schema = [
      ParameterDescriptor(
        "keep_fraction", .number,
        "the part of all cases that stays, rounded up to whole cases; of equally similar ones at the limit those whose "
          + "keys sort first", defaultValue: 0.8, minimum: 0, maximum: 1),
      ParameterDescriptor(
        "min_similarity", .number,
        "cases whose masks agree less are dropped, too; for a limit alone set keep_fraction to 1",
        defaultValue: 0, minimum: 0, maximum: 1),
      MaskSimilarity.parameter,
    ]
  }

  static let descriptor = StageDescriptor(
    id: "s3f.filter", version: "1", summary: "keeps the cases whose two masks agree best",
    ports: [a, b, kept, scores], parameters: Parameters.schema, takesAnyThreads: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    let all = try MaskSimilarity.all(Self.a, Self.b, parameters.slices, context)
    let ranking = Ranking(
      all.map(\.value), fraction: parameters.keep_fraction, minimum: parameters.min_similarity)
    if !all.isEmpty, !ranking.isKept.contains(true) {
      context.log(.warning, code: "NOTHING_KEPT", "none of the \(all.count) cases stays")
    }
    let masks = try context.inputs(Self.a)
    for (index, one) in all.enumerated() {
      let rank = ranking.ranks[index]
      let shown = "similarity \(shown(one.value)) (rank \(rank) of \(all.count))"
      if ranking.isKept[index] {
        try context.keep(score: one.value, rank: rank, reason: shown, caseKey: one.caseKey)
        let packet = try masks.packet(at: index)
        try context.forward(packet, to: Self.kept, caseKey: one.caseKey)
      } else {
        let rule =
          one.value < parameters.min_similarity
          ? "is less than \(parameters.min_similarity)"
          : "is not among the best \(ranking.places)"
        try context.drop(
          score: one.value, rank: rank, reason: "\(shown) \(rule)", caseKey: one.caseKey)
      }
    }
    if context.wanted(Self.scores) {
      let columns = [
        Table.Column("rank", .integers(ranking.ranks.map(Int64.init))),
        Table.Column("kept", .integers(ranking.isKept.map { $0 ? 1 : 0 })),
      ]
      try context.send(Self.scores, table: Table(all.columns + columns))
    }
  }

  /// A value with four digits behind the point, or with all of them when it would look like the limit.
  private func shown(_ value: Double) -> String {
    let rounded = (value * 1e4).rounded() / 1e4
    return rounded == parameters.min_similarity ? "\(value)" : "\(rounded)"
  }
}
