import PonsImaging
import Testing

@Suite struct LabelOverlapTests {
  @Test(arguments: [0, 1, 7, 8, 9, 64, 1000, 4099])
  func `every label is counted, in parts or at once`(count: Int) {
    var random = SeededNumbers(state: UInt64(count))
    func image(_ density: Double) -> [UInt8] {
      let (first, second) = (
        random.mask(count, density: density), random.mask(count, density: 0.5)
      )
      return zip(first, second).map { $0 == 0 ? 0 : $1 == 0 ? 3 : 255 }
    }
    let (a, b) = (image(0.3), image(0.6))
    var overlap = LabelOverlap()
    let middle = count / 3
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        overlap.add(.init(rebasing: a[..<middle]), .init(rebasing: b[..<middle]))
        overlap.add(.init(rebasing: a[middle...]), .init(rebasing: b[middle...]))
      }
    }
    #expect(overlap.labels == Set((a + b).filter { $0 != 0 }).sorted())
    for label in overlap.labels {
      let expected = Overlap(
        prediction: a.count { $0 == label }, reference: b.count { $0 == label },
        intersection: zip(a, b).count { $0 == label && $1 == label })
      #expect(overlap.overlap(of: label) == expected)
    }
    #expect(
      overlap.foreground
        == Overlap(
          prediction: a.count { $0 != 0 }, reference: b.count { $0 != 0 },
          intersection: zip(a, b).count { $0 != 0 && $1 != 0 }))
  }
}
