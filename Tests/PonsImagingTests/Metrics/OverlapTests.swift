import PonsImaging
import Testing

@Suite struct OverlapTests {
  @Test(arguments: [0, 1, 7, 8, 63, 64, 640, 650, 2_500_001], [1, 3])
  func `voxels are counted`(count: Int, threads: Int) {
    var random = SeededNumbers(state: UInt64(count))
    let (a, b) = (random.mask(count, density: 0.7), random.mask(count, density: 0.9))
    let overlap = a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { Overlap(prediction: a, reference: $0, threads: threads) }
    }
    #expect(overlap.prediction == a.count { $0 != 0 })
    #expect(overlap.reference == b.count { $0 != 0 })
    #expect(overlap.intersection == zip(a, b).count { $0 != 0 && $1 != 0 })
  }

  @Test func `Dice and its conventions`() {
    #expect(Overlap(prediction: 4, reference: 6, intersection: 3).dice == 0.6)
    #expect(Overlap(prediction: 4, reference: 0, intersection: 0).dice == 0)
    #expect(Overlap(prediction: 0, reference: 0, intersection: 0).dice == 1)
    #expect(Overlap(prediction: 0, reference: 0, intersection: 0).empty == .both)
    #expect(Overlap(prediction: 0, reference: 5, intersection: 0).empty == .prediction)
  }
}
