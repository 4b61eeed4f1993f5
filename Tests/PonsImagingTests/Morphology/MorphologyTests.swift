import PonsImaging
import ReferenceTables
import Testing

@Suite struct MorphologyTests {
  private let reference: ReferenceTable
  init() throws { reference = try .metrics() }

  private func apply(
    _ operation: Morphology.Operation, _ mask: [UInt8], _ size: GridSize,
    _ element: StructuringElement, threads: Int = 1
  ) -> [UInt8] {
    var result = [UInt8](repeating: 9, count: size.count)
    mask.withUnsafeBufferPointer { mask in
      result.withUnsafeMutableBufferPointer {
        Morphology.apply(operation, mask, size: size, element: element, into: $0, threads: threads)
      }
    }
    return result
  }

  @Test(arguments: 0..<6, Morphology.Operation.allCases)
  func `results are scipy's`(number: Int, operation: Morphology.Operation) throws {
    let size = try reference.size("\(number)")
    let mask = try reference.mask("\(number).solid", count: size.count)
    for connectivity in Connectivity.allCases {
      for iterations in 1...2 {
        let name = "\(number).\(operation).\(connectivity.rawValue).\(iterations)"
        let expected = try reference.mask(name, count: size.count)
        let element = StructuringElement.neighbours(connectivity, iterations: iterations)
        #expect(apply(operation, mask, size, element) == expected, "\(name)")
        #expect(apply(operation, mask.map { $0 * 200 }, size, element, threads: 3) == expected)
      }
    }
    let ball = StructuringElement.ball(
      radius: try reference.numbers("\(number).radius")[0],
      spacing: try reference.spacing("\(number)"))
    let expected = try reference.mask("\(number).\(operation).ball", count: size.count)
    #expect(apply(operation, mask, size, ball) == expected)
    #expect(apply(operation, mask, size, ball, threads: 3) == expected)
  }

  @Test(arguments: Morphology.Operation.allCases)
  func `a ball is what its definition says`(operation: Morphology.Operation) {
    var random = SeededNumbers(state: 3)
    for _ in 0..<10 {
      let size = random.size(upTo: 12)
      let spacing = random.spacing()
      // Voxels at just the radius are part of the ball.
      let radius = spacing.x * Double(Int.random(in: 0...3, using: &random))
      let mask = random.mask(size.count, density: operation == .dilation ? 0.03 : 0.97)
      let set = Set(places(mask, size))
      func near(_ place: SIMD3<Int>) -> [SIMD3<Int>] {
        let reach = [spacing.x, spacing.y, spacing.z].map { Int(radius / $0 + 1e-9) }
        return (-reach[2]...reach[2]).flatMap { z in
          (-reach[1]...reach[1]).flatMap { y in
            (-reach[0]...reach[0]).map { x in SIMD3(x, y, z) }
          }
        }.filter {
          let step = SIMD3(Double($0.x), Double($0.y), Double($0.z)) * spacing
          return (step * step).sum() <= radius * radius * (1 + 1e-9)
        }.map { $0 &+ place }
      }
      guard operation == .dilation || operation == .erosion else { continue }
      let all = places([UInt8](repeating: 1, count: size.count), size)
      let expected = all.map { place -> UInt8 in
        operation == .dilation
          ? (near(place).contains { set.contains($0) } ? 1 : 0)
          : (near(place).allSatisfy { set.contains($0) } ? 1 : 0)
      }
      #expect(apply(operation, mask, size, .ball(radius: radius, spacing: spacing)) == expected)
    }
  }

  @Test(arguments: 0..<6, Connectivity.allCases)
  func `holes are scipy's`(number: Int, connectivity: Connectivity) throws {
    let size = try reference.size("\(number)")
    let mask = try reference.mask("\(number).mask", count: size.count)
    var filled = mask
    let count = filled.withUnsafeMutableBufferPointer {
      Morphology.fillHoles(in: $0, size: size, connectivity: connectivity, threads: 2)
    }
    let expected = try reference.mask(
      "\(number).filled.\(connectivity.rawValue)", count: size.count)
    #expect(filled == expected)
    #expect(count == expected.count { $0 == 1 } - mask.count { $0 == 1 })
  }

  @Test func `a hole takes the value that is asked for, and a leak is none`() {
    let size = GridSize(x: 70, y: 5, z: 5)
    var mask = moved(
      [UInt8](repeating: 3, count: 60 * 9), GridSize(x: 60, y: 3, z: 3), to: (5, 1, 1), in: size)
    mask[size.index(x: 40, y: 2, z: 2)] = 0
    let count = mask.withUnsafeMutableBufferPointer {
      Morphology.fillHoles(in: $0, size: size, value: 8)
    }
    #expect(count == 1 && mask[size.index(x: 40, y: 2, z: 2)] == 8)
    mask[size.index(x: 40, y: 2, z: 2)] = 0
    mask[size.index(x: 40, y: 2, z: 1)] = 0
    let leaking = mask.withUnsafeMutableBufferPointer { Morphology.fillHoles(in: $0, size: size) }
    #expect(leaking == 0)
  }

  @Test func `the result may be the memory of the mask`() {
    var random = SeededNumbers(state: 5)
    let size = GridSize(x: 67, y: 6, z: 5)
    var mask = random.mask(size.count, density: 0.8)
    let expected = apply(.opening, mask, size, .neighbours(.faces))
    mask.withUnsafeMutableBufferPointer {
      Morphology.apply(
        .opening, UnsafeBufferPointer($0), size: size, element: .neighbours(.faces), into: $0)
    }
    #expect(mask == expected && expected.contains(1))
  }

  @Test(arguments: Morphology.Operation.allCases)
  func `small grids, no iterations, empty masks`(operation: Morphology.Operation) {
    for (x, y, z) in [(0, 2, 2), (2, 0, 0), (1, 1, 1)] {
      let size = GridSize(x: x, y: y, z: z)
      let mask = [UInt8](repeating: 1, count: size.count)
      let erodes = operation == .erosion || operation == .closing || operation == .opening
      let expected = [UInt8](repeating: erodes ? 0 : 1, count: size.count)
      #expect(apply(operation, mask, size, .neighbours(.faces)) == expected)
      #expect(apply(operation, mask, size, .neighbours(.faces, iterations: 0)) == mask)
      #expect(apply(operation, mask, size, .ball(radius: 0, spacing: .one)) == mask)
      let empty = [UInt8](repeating: 0, count: size.count)
      #expect(apply(operation, empty, size, .ball(radius: 1e9, spacing: .one)) == empty)
    }
  }
}
