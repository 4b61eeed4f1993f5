import PonsImaging
import ReferenceTables
import Testing

@Suite struct SegmentationScoresTests {
  private let reference: ReferenceTable
  init() throws { reference = try .metrics() }

  private func pair(
    _ prediction: [UInt8], _ reference: [UInt8], _ size: GridSize, threads: Int = 1
  ) -> MaskPair {
    prediction.withUnsafeBufferPointer { prediction in
      reference.withUnsafeBufferPointer {
        MaskPair(prediction: prediction, reference: $0, size: size, threads: threads)
      }
    }
  }

  @Test(arguments: 0..<5) func `scores are those of MedPy, scipy, SimpleITK and surface-distance`(
    number: Int
  ) throws {
    let name = "pair.\(number)"
    let size = try reference.size(name)
    let spacing = try reference.spacing(name)
    let masks = pair(
      try reference.mask(name + ".prediction", count: size.count),
      try reference.mask(name + ".reference", count: size.count), size)
    let tolerance = try reference.numbers(name + ".tolerance")[0]
    let scores = SegmentationScores(masks, spacing: spacing, tolerance: tolerance, threads: 2)
    let distances = masks.surfaceDistances(spacing: spacing)
    let results = [
      scores.dice, scores.hd95, scores.hd95Pooled, scores.surfaceDice,
      distances.voxelSurfaceDice(tolerance: tolerance), distances.hausdorff(percent: 100),
      distances.average, scores.predictionVolume,
      scores.referenceVolume,
    ]
    let expected = try reference.numbers(name + ".scores")
    for (result, expected) in zip(results, expected) {
      // A distance transform in single precision may have answered.
      #expect(abs(result - expected) <= 1e-6 * expected)
    }
    #expect(results.count == expected.count && scores.empty == .none)
    #expect(scores.volumeDifference == scores.predictionVolume - scores.referenceVolume)
  }

  @Test(arguments: 0..<20) func `distances are those of all pairs of surface voxels`(seed: UInt64) {
    var random = SeededNumbers(state: seed)
    let size = seed % 2 == 0 ? random.size(upTo: 12) : GridSize(x: 150, y: 5, z: 4)
    let spacing = random.spacing()
    var (a, b) = (random.mask(size.count, density: 0.3), random.mask(size.count, density: 0.02))
    a[size.count / 2] = 1
    b[size.count / 3] = 2
    let (from, to) = (surface(a, size), surface(b, size))
    func nearest(_ from: [SIMD3<Int>], _ to: [SIMD3<Int>]) -> [Double] {
      from.map { place in
        to.map { other in
          let step = place &- other
          let distance = SIMD3(Double(step.x), Double(step.y), Double(step.z)) * spacing
          return (distance * distance).sum().squareRoot()
        }.min() ?? .infinity
      }
    }
    let distances = pair(a, b, size).surfaceDistances(spacing: spacing)
    for (result, expected) in [
      (distances.predictionToReference, nearest(from, to)),
      (distances.referenceToPrediction, nearest(to, from)),
    ] {
      #expect(result.count == expected.count)
      #expect(zip(result, expected).allSatisfy { abs($0 - $1) <= 1e-6 * $1 })
    }
  }

  private func surface(_ mask: [UInt8], _ size: GridSize) -> [SIMD3<Int>] {
    let all = places(mask, size)
    let set = Set(all)
    let steps: [SIMD3<Int>] = [
      SIMD3(1, 0, 0), SIMD3(-1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, -1, 0), SIMD3(0, 0, 1),
      SIMD3(0, 0, -1),
    ]
    return all.filter { place in !steps.allSatisfy { set.contains(place &+ $0) } }
  }

  /// Two blobs: `gap` voxels of nothing between them decide whether they are searched or transformed.
  private func blobs(gap: Int, at place: (x: Int, y: Int, z: Int)) -> (MaskPair, GridSize) {
    var random = SeededNumbers(state: 8)
    let blob = GridSize(x: 9, y: 8, z: 7)
    let size = GridSize(x: 60 + gap, y: 20, z: 20)
    let (a, b) = (random.mask(blob.count, density: 0.9), random.mask(blob.count, density: 0.9))
    let masks = pair(
      moved(a, blob, to: place, in: size),
      moved(b, blob, to: (place.x + gap, place.y + 1, place.z + 2), in: size), size)
    return (masks, size)
  }

  @Test(arguments: [2, 20, 120]) func `moving both masks changes nothing`(gap: Int) {
    let spacing = SIMD3(0.7, 1.3, 2.1)
    let (masks, _) = blobs(gap: gap, at: (0, 0, 0))
    let (other, _) = blobs(gap: gap, at: (37, 5, 9))
    #expect(masks.overlap == other.overlap)
    let (here, there) = (
      masks.surfaceDistances(spacing: spacing), other.surfaceDistances(spacing: spacing)
    )
    #expect(here == there && here.hausdorff() > Double(gap) * 0.3)
    let share = masks.surfaceDice(tolerance: Double(gap) * 0.7, spacing: spacing)
    #expect(share == other.surfaceDice(tolerance: Double(gap) * 0.7, spacing: spacing))
    #expect(share > 0 && share < 1)
  }

  @Test(arguments: [2, 20, 120]) func `swapping the masks swaps the directions`(gap: Int) {
    var random = SeededNumbers(state: UInt64(gap))
    let size = GridSize(x: 30 + gap, y: 14, z: 13)
    let a = random.mask(size.count, density: 0.001)
    let b = moved(
      random.mask(1000, density: 0.8), GridSize(x: 10, y: 10, z: 10), to: (gap, 1, 1), in: size)
    let spacing = random.spacing()
    let (forth, back) = (
      pair(a, b, size).surfaceDistances(spacing: spacing),
      pair(b, a, size, threads: 3).surfaceDistances(spacing: spacing, threads: 3)
    )
    #expect(forth.predictionToReference == back.referenceToPrediction)
    #expect(forth.referenceToPrediction == back.predictionToReference)
    #expect(forth.hausdorff() == back.hausdorff())
    #expect(forth.voxelSurfaceDice(tolerance: 2) == back.voxelSurfaceDice(tolerance: 2))
    #expect(pair(a, b, size).overlap.dice == pair(b, a, size).overlap.dice)
    let share = pair(a, b, size).surfaceDice(tolerance: 3, spacing: spacing, threads: 3)
    #expect(share == pair(b, a, size).surfaceDice(tolerance: 3, spacing: spacing))
  }

  @Test func `a mask agrees with itself`() {
    var random = SeededNumbers(state: 4)
    let size = GridSize(x: 66, y: 5, z: 5)
    let mask = random.mask(size.count, density: 0.5)
    let scores = SegmentationScores(pair(mask, mask, size), spacing: .one, tolerance: 0)
    #expect(scores.dice == 1 && scores.hd95 == 0 && scores.hd95Pooled == 0)
    #expect(scores.surfaceDice == 1 && scores.volumeDifference == 0)
  }

  @Test func `empty masks are scored by convention, and flagged`() {
    let size = GridSize(x: 240, y: 240, z: 155)
    var mask = [UInt8](repeating: 0, count: size.count)
    let empty = mask
    mask[1_234_567] = 1
    func scores(_ a: [UInt8], _ b: [UInt8]) -> SegmentationScores {
      SegmentationScores(pair(a, b, size), spacing: .one, tolerance: 1)
    }
    let miss = scores(empty, mask)
    #expect(miss.empty == .prediction && miss.empty.isFailure)
    #expect(miss.dice == 0 && miss.surfaceDice == 0 && miss.volumeDifference == -0.001)
    // The diagonal of a BraTS volume.
    #expect(abs(miss.hd95 - 373.13) < 0.005 && miss.hd95Pooled == miss.hd95)
    let alarm = scores(mask, empty)
    #expect(alarm.empty == .reference && alarm.empty.isFailure && alarm.hd95 == miss.hd95)
    let both = scores(empty, empty)
    #expect(both.empty == .both && !both.empty.isFailure)
    #expect(both.dice == 1 && both.hd95 == 0 && both.hd95Pooled == 0 && both.surfaceDice == 1)
  }

  @Test(arguments: [0, 1, 3]) func `small grids`(length: Int) {
    let size = GridSize(x: 1, y: length, z: 1)
    let mask = [UInt8](repeating: 1, count: size.count)
    let scores = SegmentationScores(pair(mask, mask, size), spacing: .one, tolerance: 1)
    #expect(scores.empty == (size.count == 0 ? .both : .none))
    #expect(scores.dice == 1 && scores.hd95 == 0)
  }
}
