internal import PonsKit

/// Measures how much two masks of every case agree.
struct S3FScore: Stage {
  static let a = Input<MaskKind>("a", .all, "masks, of the network for instance")
  static let b = Input<MaskKind>(
    "b", .all, "masks of the same cases, of SAM for instance", sameGrid: "a")
  static let scores = Output<TableKind>("scores", .one, "one row a case, sorted by case key")

  struct Parameters: StageParameters {
    var slices: MaskSimilarity.Slices
    static let schema = [MaskSimilarity.parameter]
  }

  static let descriptor = StageDescriptor(
    id: "s3f.score", version: "1",
    summary: "measures how much two masks of every case agree (Dice)",
    ports: [a, b, scores], parameters: Parameters.schema, takesAnyThreads: true)

  private let slices: MaskSimilarity.Slices

  init(_ parameters: Parameters, _ context: Context) { slices = parameters.slices }

  func process(_ context: Context) throws {
    let all = try MaskSimilarity.all(Self.a, Self.b, slices, context)
    try context.send(Self.scores, table: Table(all.columns))
  }
}
