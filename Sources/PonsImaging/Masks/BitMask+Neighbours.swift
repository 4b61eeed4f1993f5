extension BitMask {
  /// What becomes of a mask under a 3 x 3 x 3 element.
  enum Change {
    /// Voxels with a set neighbour are set.
    case dilation
    /// Voxels stay that are set and have no neighbour that is not; beyond the grid nothing is set.
    case erosion
  }

  /// Dilates or erodes the rows of a box into another mask of the same grid.
  ///
  /// Erosion is dilation of what is not set, so both are one loop over words that are flipped or not.
  func change(
    _ change: Change, _ connectivity: Connectivity, in box: IndexBox, into result: BitMask,
    threads: Int
  ) {
    let flip: UInt64 = change == .erosion ? ~0 : 0
    let outside = BitMask(size: GridSize(x: size.x, y: 1, z: 1))
    Parallel.forEach(box.z.count, threads: threads) { index in
      let z = box.z.lowerBound + index
      for y in box.y {
        self.changeRow(
          connectivity, y: y, z: z, flip: flip, outside: outside.words,
          into: result.row(y: y, z: z))
      }
    }
  }

  @inline(__always)
  private func changeRow(
    _ connectivity: Connectivity, y: Int, z: Int, flip: UInt64,
    outside: UnsafePointer<UInt64>, into output: UnsafeMutablePointer<UInt64>
  ) {
    func at(_ dy: Int, _ dz: Int) -> UnsafePointer<UInt64> {
      let (y, z) = (y + dy, z + dz)
      let isInside = y >= 0 && z >= 0 && y < size.y && z < size.z
      return isInside ? UnsafePointer(row(y: y, z: z)) : outside
    }
    let center = at(0, 0)
    let straight = (at(-1, 0), at(1, 0), at(0, -1), at(0, 1))
    let diagonal = (at(-1, -1), at(1, -1), at(-1, 1), at(1, 1))
    @inline(__always) func straights(_ word: Int) -> UInt64 {
      (straight.0[word] ^ flip) | (straight.1[word] ^ flip) | (straight.2[word] ^ flip)
        | (straight.3[word] ^ flip)
    }
    @inline(__always) func diagonals(_ word: Int) -> UInt64 {
      (diagonal.0[word] ^ flip) | (diagonal.1[word] ^ flip) | (diagonal.2[word] ^ flip)
        | (diagonal.3[word] ^ flip)
    }
    /// What spreads along x, too.
    @inline(__always) func wide(_ word: Int) -> UInt64 {
      let middle = center[word] ^ flip
      switch connectivity {
      case .faces: return middle
      case .edges: return middle | straights(word)
      case .corners: return middle | straights(word) | diagonals(word)
      }
    }
    if rowWords == 0 { return }
    var (before, here) = (flip, wide(0))
    for word in 0..<rowWords {
      let isLast = word == rowWords - 1
      let after = isLast ? flip : wide(word + 1)
      var bits = here | here << 1 | before >> 63 | here >> 1 | after << 63
      switch connectivity {
      case .faces: bits |= straights(word)
      case .edges: bits |= diagonals(word)
      case .corners: break
      }
      bits ^= flip
      output[word] = isLast ? bits & lastWord : bits
      (before, here) = (here, after)
    }
  }
}
