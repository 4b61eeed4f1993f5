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
    guard let a = prediction.surface(SurfacePoints.voxels, threads: threads),
      let b = reference.surface(SurfacePoints.voxels, threads: threads)
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

  /// Normalised surface Dice: the share of both surfaces' area that is no further than a tolerance from the other surface.
  ///
  /// As Nikolov et al. (Clinically applicable segmentation of head and neck anatomy, 2021) and their `surface-distance` define it: a
  /// surface's elements lie at the corners of voxels where the mask and its outside meet, each with the area of the marching cubes surface
  /// there. 1 when both masks are empty, 0 when one is.
  ///
  /// - Parameters:
  ///   - tolerance: in mm.
  ///   - spacing: distance of voxels along (x, y, z), in mm, positive.
  ///   - threads: how many threads may work.
  public func surfaceDice(
    tolerance: Double, spacing: SIMD3<Double>, threads: Int = 1
  ) -> Double {
    precondition(spacing.min() > 0, "spacing is positive")
    guard let a = prediction.surface(SurfacePoints.corners, threads: threads),
      let b = reference.surface(SurfacePoints.corners, threads: threads)
    else { return overlap.empty == .both ? 1 : 0 }
    let areas = SurfaceElements.areas(spacing: spacing)
    let forth = SurfaceElements(points: a, mask: prediction.mask, areas: areas)
      .area(within: tolerance, of: b, spacing: spacing, threads: threads)
    let back = SurfaceElements(points: b, mask: reference.mask, areas: areas)
      .area(within: tolerance, of: a, spacing: spacing, threads: threads)
    return (forth.near + back.near) / (forth.all + back.all)
  }

  /// One of the masks, and the box around it.
  private struct Side: Sendable {
    let mask: BitMask
    let box: IndexBox?
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

    func surface(
      _ points: (BitMask, IndexBox, Int) -> SurfacePoints, threads: Int
    ) -> SurfacePoints? {
      box.map { points(mask, $0, threads) }
    }
  }
}
