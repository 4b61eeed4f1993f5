/// How far the surfaces of two masks are from each other.
///
/// A mask's surface are its voxels that share a face with a voxel outside of the mask, or with the outside of the grid: what is left of
/// it without its erosion by the 6-connected element (as in MedPy). Distances are those between centres of voxels, in mm.
///
/// When one mask is empty, distances are the diagonal of the image (`sqrt(sum (voxels * spacing)^2)`) and surface Dice is 0; when both
/// are, distances are 0 and surface Dice is 1. ``empty`` tells such results from measured ones.
public struct SurfaceDistances: Sendable, Hashable {
  /// From every surface voxel of the prediction to the surface of the reference, in raster order; none when a mask is empty.
  public let predictionToReference: [Double]
  /// From every surface voxel of the reference to the surface of the prediction.
  public let referenceToPrediction: [Double]
  /// Which of the masks is empty.
  public let empty: EmptyMasks
  /// What a distance counts when one of the masks is empty.
  public let diagonal: Double

  /// Robust Hausdorff distance: the larger of the percentiles of the two directions (95 for HD95, 100 for the Hausdorff distance).
  ///
  /// Percentiles are interpolated linearly, as numpy does. The percentage is between 0 and 100.
  public func hausdorff(percent: Double = 95) -> Double {
    conventional
      ?? max(
        Self.percentile(percent, of: predictionToReference),
        Self.percentile(percent, of: referenceToPrediction))
  }

  /// The percentile of the distances of both directions put together, as MedPy's `hd95` has it.
  public func pooledHausdorff(percent: Double = 95) -> Double {
    conventional ?? Self.percentile(percent, of: predictionToReference + referenceToPrediction)
  }

  /// Mean of all distances of both directions put together, in mm: the average symmetric surface distance.
  public var average: Double {
    if let conventional { return conventional }
    let count = predictionToReference.count + referenceToPrediction.count
    return (predictionToReference.reduce(0, +) + referenceToPrediction.reduce(0, +))
      / Double(count)
  }

  /// The share of the surface voxels of both masks that are no further than a tolerance, in mm, from the other mask's surface.
  ///
  /// Every surface voxel counts the same (MONAI's `compute_surface_dice` without subvoxels); ``MaskPair/surfaceDice(tolerance:spacing:threads:)``
  /// goes by area.
  public func voxelSurfaceDice(tolerance: Double) -> Double {
    if empty != .none { return empty == .both ? 1 : 0 }
    let isNear = { (distance: Double) in distance <= tolerance }
    let near =
      predictionToReference.count(where: isNear) + referenceToPrediction.count(where: isNear)
    return Double(near) / Double(predictionToReference.count + referenceToPrediction.count)
  }

  /// The distance when there is nothing to measure.
  private var conventional: Double? {
    switch empty {
    case .none: nil
    case .both: 0
    case .prediction, .reference: diagonal
    }
  }

  private static func percentile(_ percent: Double, of distances: [Double]) -> Double {
    precondition(percent >= 0 && percent <= 100, "a percentage is between 0 and 100")
    var distances = distances
    return Percentile.take(percent, from: &distances)
  }
}
