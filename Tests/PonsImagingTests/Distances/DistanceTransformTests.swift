import PonsImaging
import ReferenceTables
import Testing

@Suite struct DistanceTransformTests {
  private let reference: ReferenceTable
  init() throws { reference = try .metrics() }

  private func distances(
    _ mask: [UInt8], _ size: GridSize, _ spacing: SIMD3<Double>,
    to target: DistanceTransform.Target = .zero, border: DistanceTransform.Border = .ignored,
    squared: Bool = false, threads: Int = 1
  ) -> [Float] {
    var result = [Float](repeating: -1, count: size.count)
    mask.withUnsafeBufferPointer { mask in
      result.withUnsafeMutableBufferPointer {
        DistanceTransform.compute(
          mask, size: size, spacing: spacing, to: target, border: border, squared: squared,
          into: $0,
          threads: threads)
      }
    }
    return result
  }

  /// Relative differences of single precision; the fixture has four decimals.
  private func isClose(_ result: [Float], _ expected: [Double], rounded: Double = 0) -> Bool {
    result.count == expected.count
      && zip(result, expected).allSatisfy {
        Double($0) == $1 || abs(Double($0) - $1) <= 1e-6 * $1 + rounded
      }
  }

  @Test(arguments: 0..<6) func `distances are those of scipy and edt`(number: Int) throws {
    let size = try reference.size("\(number)")
    let spacing = try reference.spacing("\(number)")
    let mask = try reference.mask("\(number).sparse", count: size.count)
    let inverse = mask.map { 1 - $0 }
    let expected = try reference.numbers("\(number).distances")
    #expect(isClose(distances(mask, size, spacing, to: .nonzero), expected, rounded: 6e-5))
    #expect(isClose(distances(inverse, size, spacing, to: .zero), expected, rounded: 6e-5))
    let bordered = try reference.numbers("\(number).bordered")
    #expect(isClose(distances(inverse, size, spacing, border: .target), bordered, rounded: 6e-5))
  }

  @Test(arguments: 0..<40) func `distances are those of all pairs of voxels`(seed: UInt64) {
    var random = SeededNumbers(state: seed)
    var size = random.size(upTo: 11)
    if seed % 4 == 0 { size = GridSize(x: 131, y: size.y, z: size.z / 3 + 1) }
    let spacing = random.spacing()
    let mask = random.mask(size.count, density: [0.002, 0.05, 0.4, 0.98][Int(seed / 10)])
    let target: DistanceTransform.Target = seed % 2 == 0 ? .zero : .nonzero
    let border: DistanceTransform.Border = seed % 3 == 0 ? .target : .ignored
    var targets = places(mask.map { ($0 == 0) == (target == .zero) ? 1 : 0 }, size)
    if border == .target {
      let grown = GridSize(x: size.x + 2, y: size.y + 2, z: size.z + 2)
      let around = moved([UInt8](repeating: 1, count: size.count), size, to: (1, 1, 1), in: grown)
      targets += places(around.map { 1 - $0 }, grown).map { $0 &- 1 }
    }
    let expected = places([UInt8](repeating: 1, count: size.count), size).map { place in
      targets.map { other in
        let step = place &- other
        let distance = SIMD3(Double(step.x), Double(step.y), Double(step.z)) * spacing
        return (distance * distance).sum()
      }.min() ?? .infinity
    }
    let result = distances(mask, size, spacing, to: target, border: border, squared: true)
    #expect(isClose(result, expected))
    let roots = distances(mask, size, spacing, to: target, border: border, threads: 3)
    #expect(isClose(roots, expected.map { $0.squareRoot() }))
    #expect(roots == result.map { $0.squareRoot() })
  }

  @Test func `long axes keep their precision`() {
    // Targets far from the first voxel: a wrong crossing of their parabolas would show between them.
    let size = GridSize(x: 1, y: 3000, z: 1)
    var mask = [UInt8](repeating: 0, count: size.count)
    for place in [2600, 2603, 2999] { mask[place] = 1 }
    let expected = (0..<3000).map { place in
      [2600, 2603, 2999].map { abs(Double(place - $0)) * 0.9375 }.min() ?? 0
    }
    #expect(isClose(distances(mask, size, SIMD3(1, 0.9375, 1), to: .nonzero), expected))
  }

  @Test func `no target is infinitely far, and small grids`() {
    let two = GridSize(x: 2, y: 2, z: 2)
    let ones = [UInt8](repeating: 1, count: 8)
    #expect(distances(ones, two, .one) == [Float](repeating: .infinity, count: 8))
    #expect(distances(ones, two, .one, to: .nonzero) == [Float](repeating: 0, count: 8))
    let twos = [Float](repeating: 2, count: 8)
    #expect(distances(ones, two, SIMD3(3, 2, 4), border: .target) == twos)
    let single = GridSize(x: 1, y: 1, z: 1)
    #expect(distances([1], single, .one) == [.infinity])
    #expect(distances([1], single, SIMD3(5, 4, 3), border: .target) == [3])
    #expect(distances([0], single, .one) == [0])
    for (x, y, z) in [(0, 2, 2), (2, 0, 2), (2, 2, 0)] {
      #expect(distances([], GridSize(x: x, y: y, z: z), .one) == [])
    }
  }
}
