/// A predicted and a reference mask of one grid, made ready for comparing: each is read once, and what follows stays within their boxes.
public struct MaskPair: Sendable {
  /// The grid of both.
  public let size: GridSize
  /// How many voxels they have.
  public let overlap: Overlap
  private let prediction: Side
  private let reference: Side

  /// Reads two masks.
  ///
  /// - Parameters:
  ///   - prediction: `[z, y, x]`; every value but 0 is foreground.
  ///   - reference: the same for what is true.
  ///   - size: the grid of both.
  ///   - threads: how many threads may work.
  public init(
    prediction: UnsafeBufferPointer<UInt8>, reference: UnsafeBufferPointer<UInt8>, size: GridSize,
    threads: Int = 1
  ) {
    self.size = size
    self.prediction = Side(BitMask(prediction, size: size, threads: threads))
    self.reference = Side(BitMask(reference, size: size, threads: threads))
    overlap = Overlap(
      prediction: self.prediction.count, reference: self.reference.count,
      intersection: self.prediction.intersection(self.reference))
  }

  /// Measures how far the surfaces are from each other.
  ///
  /// - Parameters:
  ///   - spacing: distance of voxels along (x, y, z), in mm, positive.
  ///   - threads: how many threads may work.
  public func surfaceDistances(spacing: SIMD3<Double>, threads: Int = 1) -> SurfaceDistances {
    precondition(spacing.min() > 0, "spacing is positive")
    let extent = spacing * SIMD3(Double(size.x), Double(size.y), Double(size.z))
    let diagonal = (extent * extent).sum().squareRoot()
    guard let a = prediction.surface(threads: threads), let b = reference.surface(threads: threads)
    else {
      return SurfaceDistances(
        predictionToReference: [], referenceToPrediction: [], empty: overlap.empty,
        diagonal: diagonal)
    }
    return SurfaceDistances(
      predictionToReference: a.distances(to: b, spacing: spacing, threads: threads),
      referenceToPrediction: b.distances(to: a, spacing: spacing, threads: threads),
      empty: .none, diagonal: diagonal)
  }

  /// One of the masks, and the box around it.
  private struct Side: Sendable {
    let mask: BitMask
    let box: BitMask.Box?
    let count: Int

    init(_ mask: BitMask) {
      self.mask = mask
      box = mask.box
      count = box.map { mask.count(in: $0) } ?? 0
    }

    func intersection(_ other: Side) -> Int {
      guard let box, other.box != nil else { return 0 }
      var sum = 0
      for z in box.z {
        for y in box.y {
          let (a, b) = (mask.row(y: y, z: z), other.mask.row(y: y, z: z))
          for word in 0..<mask.rowWords where a[word] & b[word] != 0 {
            sum += (a[word] & b[word]).nonzeroBitCount
          }
        }
      }
      return sum
    }

    func surface(threads: Int) -> SurfaceVoxels? {
      box.map { SurfaceVoxels(of: mask, box: $0, threads: threads) }
    }
  }
}
