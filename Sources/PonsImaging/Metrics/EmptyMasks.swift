/// Which of two masks has no voxel. Scores of such pairs are conventions and not measurements, so they say so.
public enum EmptyMasks: String, Sendable, Hashable {
  /// Both masks have voxels: scores are measured.
  case none
  /// The prediction is empty and the reference is not: a miss.
  case prediction
  /// The reference is empty and the prediction is not: a false alarm.
  case reference
  /// Both are empty: they agree, but nothing was measured.
  case both

  /// One of the masks is empty and the other is not: the case counts as a failure.
  public var isFailure: Bool { self == .prediction || self == .reference }

  init(predictionVoxels: Int, referenceVoxels: Int) {
    self =
      predictionVoxels > 0
      ? (referenceVoxels > 0 ? .none : .reference) : (referenceVoxels > 0 ? .prediction : .both)
  }
}
