import PonsImaging
import ReferenceTables
import Testing

@Suite struct ComponentsTests {
  private let reference: ReferenceTable
  init() throws { reference = try .metrics() }

  private func label(
    _ mask: [UInt8], _ size: GridSize, _ connectivity: Connectivity, threads: Int = 1
  ) -> (Components, [Int32]) {
    var labels = [Int32](repeating: -7, count: size.count)
    let components = mask.withUnsafeBufferPointer { mask in
      labels.withUnsafeMutableBufferPointer {
        Components.label(mask, size: size, connectivity: connectivity, into: $0, threads: threads)
      }
    }
    return (components, labels)
  }

  @Test(arguments: 0..<6, Connectivity.allCases)
  func `labels are those of scipy and cc3d`(number: Int, connectivity: Connectivity) throws {
    let size = try reference.size("\(number)")
    let mask = try reference.mask("\(number).mask", count: size.count)
    let expected = try reference.numbers("\(number).labels.\(connectivity.rawValue)")
    let (components, labels) = label(mask, size, connectivity)
    #expect(labels.map(Double.init) == expected)
    #expect(components.count == expected.max().map { Int($0) })
  }

  @Test(arguments: Connectivity.allCases, [0.02, 0.2, 0.5, 0.9])
  func `labels are those of a flood fill, for any number of threads`(
    connectivity: Connectivity, density: Double
  ) {
    var random = SeededNumbers(state: UInt64(connectivity.rawValue) + UInt64(density * 1000))
    for _ in 0..<20 {
      let size = GridSize(
        x: Int.random(in: 1...140, using: &random), y: Int.random(in: 1...9, using: &random),
        z: Int.random(in: 1...9, using: &random))
      let mask = random.mask(size.count, density: density)
      let expected = flooded(mask, size, connectivity)
      for threads in [1, 2, 4] {
        let (components, labels) = label(mask, size, connectivity, threads: threads)
        #expect(labels == expected)
        var sizes = [Int](repeating: 0, count: components.count)
        for label in expected where label > 0 { sizes[Int(label) - 1] += 1 }
        #expect(components.sizes == sizes)
      }
    }
  }

  /// One component after the other, voxel by voxel.
  private func flooded(_ mask: [UInt8], _ size: GridSize, _ connectivity: Connectivity) -> [Int32] {
    let most = [Connectivity.faces: 1, .edges: 2, .corners: 3][connectivity] ?? 0
    let steps = (0..<27).map { SIMD3($0 % 3 - 1, $0 / 3 % 3 - 1, $0 / 9 - 1) }.filter {
      abs($0.x) + abs($0.y) + abs($0.z) <= most
    }
    var labels = [Int32](repeating: 0, count: mask.count)
    var count: Int32 = 0
    for place in places(mask, size) {
      if labels[size.index(x: place.x, y: place.y, z: place.z)] != 0 { continue }
      count += 1
      var open = [place]
      while let next = open.popLast() {
        let index = size.index(x: next.x, y: next.y, z: next.z)
        if labels[index] != 0 { continue }
        labels[index] = count
        for step in steps {
          let near = next &+ step
          let isInside =
            near.x >= 0 && near.y >= 0 && near.z >= 0 && near.x < size.x && near.y < size.y
            && near.z < size.z
          if isInside, mask[size.index(x: near.x, y: near.y, z: near.z)] != 0 { open.append(near) }
        }
      }
    }
    return labels
  }

  @Test func `selections keep what they say, with its values`() {
    // Components of 3, 1, 3 and 2 voxels.
    let mask: [UInt8] = [5, 5, 5, 0, 1, 0, 7, 7, 7, 0, 2, 2]
    let size = GridSize(x: 12, y: 1, z: 1)
    func kept(_ selection: Components.Selection) -> [UInt8] {
      var result = mask
      let components = result.withUnsafeMutableBufferPointer {
        Components.keep(selection, in: $0, size: size, threads: 2)
      }
      #expect(components.sizes == [3, 1, 3, 2] && components.largest == 1)
      return result
    }
    #expect(kept(.largest) == [5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(kept(.fractionOfLargest(1.0 / 3)) == mask)
    #expect(kept(.fractionOfLargest(0.34)) == [5, 5, 5, 0, 0, 0, 7, 7, 7, 0, 2, 2])
    #expect(kept(.voxels(3)) == [5, 5, 5, 0, 0, 0, 7, 7, 7, 0, 0, 0])
    #expect(kept(.voxels(4)) == [UInt8](repeating: 0, count: 12))
  }

  @Test(arguments: [
    GridSize(x: 0, y: 3, z: 3), GridSize(x: 3, y: 0, z: 3), GridSize(x: 3, y: 3, z: 0),
    GridSize(x: 0, y: 0, z: 0), GridSize(x: 1, y: 1, z: 1),
  ])
  func `small grids`(size: GridSize) {
    let (components, labels) = label([UInt8](repeating: 9, count: size.count), size, .corners)
    #expect(components.sizes == (size.count == 0 ? [] : [1]))
    #expect(labels == (size.count == 0 ? [] : [1]))
    let (none, background) = label([UInt8](repeating: 0, count: size.count), size, .corners)
    #expect(none.count == 0 && none.largest == nil && none.selected(.voxels(0)) == [])
    #expect(background == [Int32](repeating: 0, count: size.count))
  }
}
