internal import PonsTorch
internal import SAM
internal import Testing

@Suite struct PreparedSliceTests {
  @Test func `the longer side is filled, and zeros follow at the right and the bottom`() throws {
    // Twice as high as wide, rising from top to bottom.
    let slice = try Tensor.of((0..<8).flatMap { [Float($0), Float($0)] }, shape: [8, 2])
    let prepared = try #require(try PreparedSlice(slice, for: .liteMedSAM(size: 16)))
    #expect(prepared.image.shape == [1, 16, 16, 1])
    let image: [Float] = try prepared.image.array()
    #expect(image.max() == 1 && image.min() == 0)
    #expect((0..<16).allSatisfy { y in image[(y * 16 + 4)..<(y + 1) * 16].allSatisfy { $0 == 0 } })
    #expect(image[15 * 16 + 3] == 1)
    let place = prepared.place(x: 1, y: 4)
    #expect(place.x == 2 && place.y == 8)
  }

  @Test func `a stretched image is filled in both directions`() throws {
    let slice = try Tensor.of((0..<16).map { Float($0) }, shape: [8, 2])
    let prepared = try #require(try PreparedSlice(slice, for: .medSAM(size: 16)))
    let place = prepared.place(x: 1, y: 4)
    #expect(place.x == 8 && place.y == 8)
  }

  @Test func `SAM sees three channels by its mean and deviation`() throws {
    let slice = try Tensor.of(
      [Float](repeating: 0, count: 8) + [Float](repeating: 7, count: 8), shape: [4, 4])
    let prepared = try #require(try PreparedSlice(slice, for: .sam(size: 4)))
    let image: [Float] = try prepared.image.array()
    #expect(image.count == 48)
    for (channel, (mean, deviation)) in [(123.675, 58.395), (116.28, 57.12), (103.53, 57.375)]
      .enumerated()
    {
      #expect(abs(Double(image[channel]) + mean / deviation) < 1e-5)
      #expect(abs(Double(image[45 + channel]) - (255 - mean) / deviation) < 1e-5)
    }
  }

  private static let nothing: [[Float]] = [
    [.nan, .nan, .nan, .nan], [3, 3, 3, 3], [Float.infinity, 3, 3, -Float.infinity],
  ]

  @Test(arguments: nothing)
  func `where nothing can be seen there is no image`(values: [Float]) throws {
    #expect(try PreparedSlice(Tensor.of(values, shape: [2, 2]), for: .liteMedSAM(size: 4)) == nil)
  }

  @Test func `what is not finite counts as the smallest value`() throws {
    let some = try Tensor.of([Float.nan, 1, 5, .infinity], shape: [2, 2])
    let same = try Tensor.of([Float(1), 1, 5, 1], shape: [2, 2])
    let found = try #require(try PreparedSlice(some, for: .liteMedSAM(size: 4)))
    let expected = try #require(try PreparedSlice(same, for: .liteMedSAM(size: 4)))
    #expect(try found.image.array(of: Float.self) == expected.image.array(of: Float.self))
  }

  @Test func `values at both ends of float32 do not overflow`() throws {
    let greatest = Float.greatestFiniteMagnitude
    let slice = try Tensor.of([-greatest, 0, 0, greatest], shape: [2, 2])
    let prepared = try #require(try PreparedSlice(slice, for: .liteMedSAM(size: 2)))
    let image: [Float] = try prepared.image.array()
    #expect(zip(image, [0, 0.5, 0.5, 1]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func `masks come back to the slice's size`() throws {
    let slice = try Tensor.of((0..<32).map { Float($0) }, shape: [8, 4])
    let prepared = try #require(try PreparedSlice(slice, for: .liteMedSAM(size: 16)))
    // A quarter of the size, as the decoder of a network with patches of 16 pixels makes them; 1 where the slice is.
    let logits = try Tensor.zeros([1, 1, 4, 4])
    try logits.slice(3, to: 2).fill_(1)
    let restored = try prepared.restored(logits)
    #expect(restored.shape == [1, 1, 8, 4])
    #expect(try restored.min().item() > 0.5)
  }
}
