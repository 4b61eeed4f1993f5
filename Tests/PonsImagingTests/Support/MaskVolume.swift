import PonsImaging

/// Numbers that are the same on every machine (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func size(upTo limit: Int) -> GridSize {
    GridSize(
      x: Int.random(in: 1...limit, using: &self), y: Int.random(in: 1...limit, using: &self),
      z: Int.random(in: 1...limit, using: &self))
  }

  mutating func spacing() -> SIMD3<Double> {
    SIMD3(
      Double.random(in: 0.3...4, using: &self), Double.random(in: 0.3...4, using: &self),
      Double.random(in: 0.3...4, using: &self))
  }

  /// Voxels are set with this probability, to any value but 0.
  mutating func mask(_ count: Int, density: Double) -> [UInt8] {
    (0..<count).map { _ in
      Double.random(in: 0..<1, using: &self) < density ? UInt8.random(in: 1...255, using: &self) : 0
    }
  }
}

/// A mask in a larger grid, at a place.
func moved(
  _ mask: [UInt8], _ size: GridSize, to place: (x: Int, y: Int, z: Int), in grid: GridSize
) -> [UInt8] {
  var result = [UInt8](repeating: 0, count: grid.count)
  for z in 0..<size.z {
    for y in 0..<size.y {
      for x in 0..<size.x {
        result[grid.index(x: x + place.x, y: y + place.y, z: z + place.z)] =
          mask[size.index(x: x, y: y, z: z)]
      }
    }
  }
  return result
}

/// Places of the voxels that are set, as (x, y, z).
func places(_ mask: [UInt8], _ size: GridSize) -> [SIMD3<Int>] {
  mask.indices.filter { mask[$0] != 0 }.map {
    SIMD3($0 % size.x, $0 / size.x % size.y, $0 / size.sliceCount)
  }
}
