internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// The scores of the mask of one case.
struct CaseScores: Sendable {
  let caseKey: String
  let scores: SegmentationScores

  /// - Parameters:
  ///   - label: which value counts; nil takes every one but 0.
  ///   - tolerance: of the surface Dice, in mm.
  /// - Throws: `StageFailure` of category `badInput` that names the case.
  init(
    prediction: InputPacket<MaskKind>, truth: InputPacket<MaskKind>, label: UInt8?,
    tolerance: Double, _ context: Context
  ) throws {
    caseKey = prediction.caseKey
    let predicted = try GridPacket(prediction, port: "prediction")
    let reference = try GridPacket(truth, port: "truth")
    try reference.require(predicted.grid, port: "truth", "the masks of case \(caseKey)")
    let affine = predicted.grid.affine
    if !affine.isRectangular {
      context.log(
        .warning, code: "SHEARED_GRID",
        "the axes of case \(caseKey) are not perpendicular: its distances are those of a grid whose axes are"
      )
    }
    let pair = try predicted.withMask { first in
      try reference.withMask { second in
        guard let label else {
          return MaskPair(
            prediction: first, reference: second, size: predicted.size, threads: context.threads)
        }
        let masks = [first, second].map { mask in mask.map { $0 == label ? 1 : 0 as UInt8 } }
        return masks[0].withUnsafeBufferPointer { first in
          masks[1].withUnsafeBufferPointer { second in
            MaskPair(
              prediction: first, reference: second, size: predicted.size, threads: context.threads)
          }
        }
      }
    }
    scores = SegmentationScores(
      pair, spacing: affine.spacing, tolerance: tolerance, threads: context.threads)
  }
}

extension Affine {
  /// Whether its axes are perpendicular, to a tenth of a degree.
  fileprivate var isRectangular: Bool {
    let edges = spacing
    return [(x, y, edges.x * edges.y), (y, z, edges.y * edges.z), (z, x, edges.z * edges.x)]
      .allSatisfy { abs(($0 * $1).sum()) <= 0.0017 * $2 }
  }
}

extension [CaseScores] {
  /// One row a case.
  var table: Table {
    func numbers(_ name: String, unit: String? = nil, _ value: (SegmentationScores) -> Double)
      -> Table.Column
    {
      Table.Column(name, .numbers(map { value($0.scores) }), unit: unit)
    }
    return Table([
      Table.Column("case", .strings(map(\.caseKey))),
      Table.Column("empty", .strings(map(\.scores.empty.name))),
      Table.Column("failure", .integers(map { $0.scores.empty.isFailure ? 1 : 0 })),
      numbers("dice") { $0.dice },
      numbers("hd95", unit: "mm") { $0.hd95 },
      numbers("hd95_pooled", unit: "mm") { $0.hd95Pooled },
      numbers("nsd") { $0.surfaceDice },
      numbers("prediction_volume", unit: "ml") { $0.predictionVolume },
      numbers("truth_volume", unit: "ml") { $0.referenceVolume },
      numbers("volume_difference", unit: "ml") { $0.volumeDifference },
      numbers("absolute_volume_difference", unit: "ml") { abs($0.volumeDifference) },
    ])
  }
}

extension EmptyMasks {
  /// The mask that is empty, as tables have it.
  fileprivate var name: String {
    switch self {
    case .none: "none"
    case .prediction: "prediction"
    case .reference: "truth"
    case .both: "both"
    }
  }
}
