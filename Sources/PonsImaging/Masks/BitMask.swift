internal import Glibc

/// A mask with one bit a voxel: 64 voxels are looked at together, and a volume of 9 million voxels fits into a cache.
///
/// Each row of voxels has ``rowWords`` words of its own; the voxel at x is bit x % 64 of word x / 64. Bits beyond the row are 0.
final class BitMask: @unchecked Sendable {
  // @unchecked: whoever makes a mask writes to it from several threads, to different rows.
  let size: GridSize
  let rowWords: Int
  let words: UnsafeMutablePointer<UInt64>

  /// An empty mask. Its pages cost nothing until something is written to them.
  init(size: GridSize) {
    self.size = size
    rowWords = (size.x + 63) / 64
    let count = max(1, rowWords * size.y * size.z)
    guard let memory = calloc(count, MemoryLayout<UInt64>.stride) else {
      preconditionFailure("no memory for a mask of \(count) words")
    }
    words = memory.bindMemory(to: UInt64.self, capacity: count)
  }

  deinit { free(words) }

  /// The voxels of a mask that are not 0.
  convenience init(_ mask: UnsafeBufferPointer<UInt8>, size: GridSize, threads: Int) {
    precondition(mask.count == size.count, "the mask has as many voxels as its grid")
    self.init(size: size)
    guard let base = mask.baseAddress, mask.count > 0 else { return }
    nonisolated(unsafe) let bytes = UnsafeRawPointer(base)
    Parallel.forEach(size.z, threads: threads) { z in
      for y in 0..<size.y {
        self.pack(bytes + size.index(x: 0, y: y, z: z), into: self.row(y: y, z: z))
      }
    }
  }

  /// The words of a row.
  @inline(__always)
  func row(y: Int, z: Int) -> UnsafeMutablePointer<UInt64> { words + (z * size.y + y) * rowWords }

  /// Ones where the last word of a row has voxels.
  var lastWord: UInt64 { ~0 >> UInt64((64 - size.x % 64) % 64) }

  /// Only words with something in them are written, so that empty pages stay untouched.
  @inline(__always)
  private func pack(_ bytes: UnsafeRawPointer, into row: UnsafeMutablePointer<UInt64>) {
    for word in 0..<size.x / 64 {
      let start = bytes + word * 64
      var any: UInt64 = 0
      for part in 0..<8 { any |= start.loadUnaligned(fromByteOffset: part * 8, as: UInt64.self) }
      if any == 0 { continue }
      var bits: UInt64 = 0
      for part in 0..<8 {
        let eight = start.loadUnaligned(fromByteOffset: part * 8, as: UInt64.self)
        bits |= Self.bits(ofEight: eight) << UInt64(part * 8)
      }
      row[word] = bits
    }
    var bits: UInt64 = 0
    for x in size.x / 64 * 64..<size.x where bytes.load(fromByteOffset: x, as: UInt8.self) != 0 {
      bits |= 1 << UInt64(x % 64)
    }
    if bits != 0 { row[size.x / 64] = bits }
  }

  /// Bit i tells whether byte i is not 0.
  @inline(__always)
  private static func bits(ofEight bytes: UInt64) -> UInt64 {
    (ones(bytes) &* 0x0102_0408_1020_4080) >> 56
  }

  /// Eight bytes at once: 1 where a byte is not 0.
  @inline(__always)
  static func ones(_ bytes: UInt64) -> UInt64 {
    let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
    return ((((bytes & low) &+ low) | bytes) & ~low) >> 7
  }

  /// The sum of eight bytes.
  @inline(__always)
  static func sumOfBytes(_ bytes: UInt64) -> Int {
    let every: UInt64 = 0x00ff_00ff_00ff_00ff
    let pairs = (bytes & every) &+ (bytes >> 8 & every)
    return Int(truncatingIfNeeded: (pairs &* 0x0001_0001_0001_0001) >> 48)
  }

  /// Writes 0 and 1.
  func unpack(into mask: UnsafeMutableBufferPointer<UInt8>, threads: Int) {
    precondition(mask.count == size.count, "the mask has as many voxels as its grid")
    guard let base = mask.baseAddress, mask.count > 0 else { return }
    nonisolated(unsafe) let bytes = UnsafeMutableRawPointer(base)
    Parallel.forEach(size.z, threads: threads) { z in
      for y in 0..<self.size.y {
        let row = self.row(y: y, z: z)
        let output = bytes + self.size.index(x: 0, y: y, z: z)
        let eights = self.size.x / 8
        for eight in 0..<eights {
          let bits = row[eight / 8] >> UInt64(eight % 8 * 8) & 0xff
          // Byte i holds bit i, wherever in the byte; then it is made 0 or 1.
          let spread = (bits &* 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201
          output.storeBytes(of: Self.ones(spread), toByteOffset: eight * 8, as: UInt64.self)
        }
        for x in eights * 8..<self.size.x {
          let bit = UInt8(truncatingIfNeeded: row[x / 64] >> UInt64(x % 64) & 1)
          output.storeBytes(of: bit, toByteOffset: x, as: UInt8.self)
        }
      }
    }
  }
}
