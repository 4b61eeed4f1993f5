import PonsImaging
import ReferenceTables
import Testing

@Suite struct LatticeMapTests {
  private static let size = GridSize(x: 3, y: 4, z: 5)

  private func copy<T: BitwiseCopyable>(
    _ map: LatticeMap, _ input: [T], _ inputSize: GridSize, _ outputSize: GridSize, zero: T,
    threads: Int = 2
  ) -> [T] {
    // Not zeros, so that forgotten voxels show.
    var output = [T](repeating: input[1], count: outputSize.count)
    input.withUnsafeBytes { input in
      output.withUnsafeMutableBytes {
        map.copy(
          input, inputSize, to: $0, outputSize, elementSize: MemoryLayout<T>.size,
          threads: threads)
      }
    }
    return output
  }

  @Test(arguments: ["RAS", "LPS", "SRA", "AIL", "PLI", "IRP"])
  func `reorienting is nibabel's`(code: String) throws {
    let reference = try ReferenceTable("geometry.txt")
    let affine = try reference.affine("turn.affine")
    let old = Orientation(nearestTo: affine)
    #expect(try "\(old)" == reference.text("turn.code"))
    let map = LatticeMap(from: old, to: try #require(Orientation(code: code)), size: Self.size)
    // np.arange(60) in the order x, y, z, as the script has it.
    var voxels = [Int16](repeating: 0, count: 60)
    for z in 0..<5 {
      for y in 0..<4 {
        for x in 0..<3 { voxels[Self.size.index(x: x, y: y, z: z)] = Int16((x * 4 + y) * 5 + z) }
      }
    }
    let turned = map.turned(Self.size)
    #expect(
      try copy(map, voxels, Self.size, turned, zero: 0).map(Double.init)
        == reference.numbers("turned.\(code).voxels"))
    let grid = map.grid(of: Grid(size: Self.size, affine: affine), size: turned)
    #expect(
      largestDifference(
        grid.affine.rowMajor, try reference.numbers("turned.\(code).affine")) < 1e-12)
  }

  /// All 48 ways to turn a volume, cropped and padded by various amounts.
  @Test(arguments: [(0, 0, 0), (-2, 1, 3), (1, -1, -1), (9, 0, 0)], [1, 3])
  func `any map copies what it says`(shift: (Int, Int, Int), threads: Int) throws {
    let size = GridSize(x: 19, y: 7, z: 18)
    let voxels = (0..<size.count).map { UInt32($0 + 1) }
    let input = Grid(size: size, affine: .identity)
    for code in Self.codes {
      let turn = LatticeMap(from: .canonical, to: try #require(Orientation(code: code)), size: size)
      var affine = turn.affine
      affine.origin += [Double(shift.0), Double(shift.1), Double(shift.2)]
      let turned = turn.turned(size)
      let outputSize = GridSize(x: turned.x + 3, y: max(1, turned.y - 2), z: turned.z + 1)
      let map = try #require(
        LatticeMap(from: Grid(size: outputSize, affine: affine), onto: input))
      #expect(map.affine == affine)
      let output = copy(map, voxels, size, outputSize, zero: 0, threads: threads)
      var expected: [UInt32] = []
      for z in 0..<outputSize.z {
        for y in 0..<outputSize.y {
          for x in 0..<outputSize.x {
            let place = affine([Double(x), Double(y), Double(z)])
            let (i, j, k) = (Int(place.x), Int(place.y), Int(place.z))
            let isInside =
              i >= 0 && i < size.x && j >= 0 && j < size.y && k >= 0 && k < size.z
            expected.append(isInside ? voxels[size.index(x: i, y: j, z: k)] : 0)
          }
        }
      }
      #expect(output == expected, "\(code)")
    }
  }

  private static let codes: [String] = {
    let letters = ["RL", "AP", "SI"].map { $0.map(String.init) }
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    return orders.flatMap { order in
      (0..<8).map { flips in
        order.enumerated().map { letters[$1][flips >> $0 & 1] }.joined()
      }
    }
  }()

  @Test func `every element size is copied`() {
    let map = LatticeMap(
      from: .canonical, to: Orientation(code: "SPL") ?? .canonical, size: Self.size)
    let turned = map.turned(Self.size)
    func check<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) {
      let voxels = (0..<60).map { T(truncatingIfNeeded: $0) }
      let there = copy(map, voxels, Self.size, turned, zero: 0)
      let input = Grid(size: Self.size, affine: .identity)
      let back = LatticeMap(from: input, onto: map.grid(of: input, size: turned))
      #expect(back.map { copy($0, there, turned, Self.size, zero: 0) } == voxels)
      #expect(there != voxels)
    }
    check(UInt8.self)
    check(UInt16.self)
    check(UInt32.self)
    check(UInt64.self)
  }

  @Test func `grids that are no lattices of each other are told apart`() {
    let input = Grid(size: GridSize(x: 100, y: 100, z: 100), affine: .identity)
    func isExact(_ change: (inout Affine) -> Void) -> Bool {
      var grid = input
      change(&grid.affine)
      return LatticeMap(from: grid, onto: input) != nil
    }
    #expect(isExact { $0.origin.x += 12 })
    #expect(isExact { $0.origin.x += 1e-4 })
    #expect(isExact { ($0.x, $0.y) = ($0.y, -$0.x) })
    #expect(!isExact { $0.origin.y += 0.5 })
    #expect(!isExact { $0.z *= 2 })
    // A hundredth of a degree is 0.017 voxels at the far end.
    #expect(!isExact { $0.x.y = 1.75e-4 })
    #expect(!isExact { $0.x = $0.y })
    #expect(!isExact { $0.origin.x = 1e12 })
  }

  @Test func `boxes around what is not zero`() {
    let size = GridSize(x: 6, y: 5, z: 4)
    var voxels = [Float](repeating: 0, count: size.count)
    func box() -> IndexBox? {
      voxels.withUnsafeBufferPointer { Voxels($0).nonzeroBox(size, threads: 2) }
    }
    #expect(box() == nil)
    voxels[size.index(x: 0, y: 0, z: 0)] = .nan
    #expect(box() == nil)
    voxels[size.index(x: 2, y: 1, z: 3)] = -1
    #expect(box() == IndexBox(x: 2..<3, y: 1..<2, z: 3..<4))
    voxels[size.index(x: 5, y: 4, z: 1)] = .infinity
    // The last index is inside.
    #expect(box() == IndexBox(x: 2..<6, y: 1..<5, z: 1..<4))
    #expect(
      box()?.grown(by: 2, within: size) == IndexBox(x: 0..<6, y: 0..<5, z: 0..<4))
  }
}
