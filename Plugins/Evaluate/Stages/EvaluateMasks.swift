internal import PonsKit

/// Compares the mask of every case with the truth.
///
/// Dice; HD95, the larger of the 95th percentiles of both directions, and `hd95_pooled`, that of both together (MedPy); NSD, the surface
/// Dice by area at a tolerance; volumes. Distances are those of surface voxels' centres in mm, on the grid that the masks are on. Where one mask
/// is empty the case is a failure: Dice and NSD are 0, distances the image's diagonal. Where both are, it is agreement: 1, 1 and 0. `empty`
/// says so.
struct EvaluateMasks: Stage {
  static let prediction = Input<MaskKind>("prediction", .all, "masks that are judged")
  static let truth = Input<MaskKind>(
    "truth", .all, "what is true", groundTruth: true, sameGrid: "prediction")
  static let table = Output<TableKind>("table", .one, "one row a case, sorted by case key")

  struct Parameters: StageParameters {
    var tolerance: Double
    var label: Int?

    static let schema = [
      ParameterDescriptor(
        "tolerance", .number, "how far surfaces may be apart and still agree, for nsd",
        defaultValue: 2, minimum: 0, unit: "mm"),
      ParameterDescriptor(
        "label", .integer, "the value that counts as foreground; without it every value but 0 does",
        minimum: 1, maximum: 255),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "evaluate.masks", version: "1", summary: "compares the mask of every case with the truth",
    ports: [prediction, truth, table], parameters: Parameters.schema, takesAnyThreads: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    let predictions = try context.inputs(Self.prediction)
    let truths = try context.inputs(Self.truth)
    let scores = try (0..<min(predictions.count, truths.count)).map { index in
      try context.progress(Double(index) / Double(predictions.count))
      return try CaseScores(
        prediction: predictions.packet(at: index), truth: truths.packet(at: index),
        label: parameters.label.map(UInt8.init), tolerance: parameters.tolerance, context)
    }
    try context.send(
      Self.table, table: scores.table,
      metadata: ["nsd_tolerance_mm": .number(parameters.tolerance)])
  }
}
