import ClipLabeler
import PonsImaging
import Testing

@Suite struct SliceImagesTests {
  private func picture(
    _ voxels: [Float], mask: [UInt8]? = nil, size: GridSize, code: String = "LPS",
    window: SliceImages.Window = .slice, z: Int = 0
  ) throws -> (pixels: [Float], signal: [Double]) {
    var affine = Affine.identity
    for (axis, letter) in code.enumerated() {
      let direction = try #require(Orientation.Direction(rawValue: letter))
      affine[axis] = .zero
      affine[axis][direction.axis] = direction.isPositive ? 1 : -1
    }
    let grid = Grid(size: size, affine: affine)
    var pixels = [Float](repeating: -1, count: size.x * size.y)
    return voxels.withUnsafeBufferPointer { voxels in
      (mask ?? []).withUnsafeBufferPointer { bytes in
        let images = SliceImages(
          voxels, mask: mask == nil ? nil : bytes, grid: grid, window: window)
        pixels.withUnsafeMutableBufferPointer { images.write(z, to: $0) }
        return (pixels, images.signal())
      }
    }
  }

  @Test func `the window is the slice's or the volume's`() throws {
    let voxels: [Float] = [-1, 0, 1, 0, 1, 3]
    let size = GridSize(x: 3, y: 1, z: 2)
    #expect(try picture(voxels, size: size).pixels == [0, 128, 255])
    #expect(try picture(voxels, size: size, window: .volume).pixels == [0, 64, 128])
    #expect(try picture(voxels, size: size, z: 1).pixels == [0, 85, 255])
  }

  @Test func `a slice that is no square is seen whole between dark bars when it is padded`() {
    let voxels: [Float] = [1, 2, 3, 1, 2, 3]
    let grid = Grid(size: GridSize(x: 3, y: 1, z: 2), affine: .identity)
    voxels.withUnsafeBufferPointer { voxels in
      let images = SliceImages(voxels, mask: nil, grid: grid, window: .slice, fit: .pad)
      #expect(images.frame == (3, 3))
      var pixels = [Float](repeating: 0, count: 9)
      pixels.withUnsafeMutableBufferPointer { images.write(1, to: $0) }
      // The identity's x runs towards the right of the patient, so the row is turned.
      #expect(pixels == [0, 0, 0, 255, 128, 0, 0, 0, 0])
    }
  }

  @Test func `heads are upright and seen from the feet, however they are stored`() throws {
    let voxels: [Float] = [0, 85, 170, 255]
    let size = GridSize(x: 2, y: 2, z: 1)
    #expect(try picture(voxels, size: size).pixels == [0, 85, 170, 255])
    #expect(try picture(voxels, size: size, code: "RPS").pixels == [85, 0, 255, 170])
    #expect(try picture(voxels, size: size, code: "LAS").pixels == [170, 255, 0, 85])
    #expect(try picture(voxels, size: size, code: "RAI").pixels == [255, 170, 85, 0])
  }

  @Test func `what is outside of the mask is black and not measured`() throws {
    let found = try picture(
      [900, 10, 20, 30], mask: [0, 1, 1, 1], size: GridSize(x: 4, y: 1, z: 1))
    #expect(found.pixels == [0, 0, 128, 255])
    #expect(found.signal == [0.75])
  }

  @Test func `slices without anything have no signal`() throws {
    // Background, everything the same, NaN, one voxel.
    let found = try picture(
      [-2, -2, 5, 5, .nan, .nan, -2, 7], size: GridSize(x: 2, y: 1, z: 4))
    #expect(found.signal == [0, 0, 0, 0.5])
  }

  @Test func `numbers that are none are dark, and infinite ones at the ends`() throws {
    let found = try picture(
      [.nan, 1, 3, .infinity, -.infinity], size: GridSize(x: 5, y: 1, z: 1))
    #expect(found.pixels == [0, 0, 255, 255, 0])
  }
}
