/// What a case's segmentation is judged by. How each score is defined stands with ``Overlap``, ``SurfaceDistances``
/// and ``MaskPair``.
public struct SegmentationScores: Sendable, Hashable {
  /// Which of the masks is empty; anything but `none` means that scores are conventions.
  public let empty: EmptyMasks
  /// Dice coefficient.
  public let dice: Double
  /// 95th percentile Hausdorff distance in mm: the larger of the two directions.
  public let hd95: Double
  /// The same of both directions put together, in mm.
  public let hd95Pooled: Double
  /// Normalised surface Dice at the tolerance, by area.
  public let surfaceDice: Double
  /// Volume of the prediction in ml.
  public let predictionVolume: Double
  /// Volume of the reference in ml.
  public let referenceVolume: Double

  /// Volume of the prediction less that of the reference, in ml.
  public var volumeDifference: Double { predictionVolume - referenceVolume }

  /// Compares two masks of one grid.
  ///
  /// - Parameters:
  ///   - pair: the masks.
  ///   - spacing: distance of voxels along (x, y, z), in mm, positive.
  ///   - tolerance: of the surface Dice, in mm.
  ///   - threads: how many threads may work.
  public init(_ pair: MaskPair, spacing: SIMD3<Double>, tolerance: Double, threads: Int = 1) {
    let distances = pair.surfaceDistances(spacing: spacing, threads: threads)
    let millilitres = spacing.x * spacing.y * spacing.z / 1000
    empty = pair.overlap.empty
    dice = pair.overlap.dice
    hd95 = distances.hausdorff()
    hd95Pooled = distances.pooledHausdorff()
    surfaceDice = pair.surfaceDice(tolerance: tolerance, spacing: spacing, threads: threads)
    predictionVolume = Double(pair.overlap.prediction) * millilitres
    referenceVolume = Double(pair.overlap.reference) * millilitres
  }
}
