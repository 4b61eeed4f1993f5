internal import PonsKit
internal import Testing
internal import Trainer

@Suite struct PatchPlaceTests {
  @Test func `patches stay inside, hold their focus, and are centred on what is smaller`() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<500 {
      let size = [20, 9, 3]
      let focus = size.map { Int.random(in: 0..<$0, using: &random) }
      let place = PatchPlace.random(size, patch: [8, 9, 5], around: focus, &random)
      #expect((0...12).contains(place.start[0]))
      #expect((place.start[0]..<place.start[0] + 8).contains(focus[0]))
      #expect(place.start[1] == 0)
      #expect(place.start[2] == -1)
    }
  }

  @Test func `a copied patch is filled outside the volume`() {
    let volume = (0..<12).map(Float.init)  // [2, 2, 3]
    var patch = [Float](repeating: 0, count: 3 * 2 * 5)
    volume.withUnsafeBufferPointer { volume in
      patch.withUnsafeMutableBufferPointer {
        copyPatch(
          volume, [2, 2, 3], at: PatchPlace(start: [-1, 1, -1]), patch: [3, 2, 5], fill: -9, to: $0)
      }
    }
    let outside = [Float](repeating: -9, count: 5)
    #expect(
      patch == outside + outside + [-9, 3, 4, 5, -9] + outside + [-9, 9, 10, 11, -9] + outside)
  }

  @Test func `foreground voxels are numbered in C order`() {
    let mask: [UInt8] = [0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1]
    mask.withUnsafeBufferPointer { mask in
      #expect(foregroundVoxel(0, of: mask, size: [2, 2, 3]) == [0, 0, 1])
      #expect(foregroundVoxel(1, of: mask, size: [2, 2, 3]) == [0, 1, 2])
      #expect(foregroundVoxel(2, of: mask, size: [2, 2, 3]) == [1, 1, 2])
      #expect(foregroundVoxel(3, of: mask, size: [2, 2, 3]) == nil)
    }
  }
}
