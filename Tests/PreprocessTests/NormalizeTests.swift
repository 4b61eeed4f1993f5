import PonsEngine
import PonsHost
import PonsImaging
import PonsKit
import StageHarness
import Testing

@Suite struct NormalizeTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("preprocess") }

  private static let affine: [Double] = [2, 0, 0, -5, 0, 1, 0, 7, 0, 0, 3, 0, 0, 0, 0, 1]

  /// A block of values 1...60 in a frame of zeros: x 2...5, y 1...5, z 1...3 of [5, 7, 8].
  private static let block = TestImage(shape: [5, 7, 8], affine: affine, type: .int16) { index in
    let (x, y, z) = (index % 8, index / 8 % 7, index / 56)
    guard (2...5).contains(x), (1...5).contains(y), (1...3).contains(z) else { return 0 }
    return Float(((z - 1) * 5 + y - 1) * 4 + x - 1)
  }

  private func run(
    _ parameters: [String: JSON], _ inputs: [String: Packet]
  ) throws -> [String: Packet] {
    let sent = try plugin.stage("preprocess.normalize", parameters).process(inputs).record.sent
    return Dictionary(sent.map { ($0.port, $0.packet) }, uniquingKeysWith: { $1 })
  }

  @Test func `crops to the box with its last voxels, clips and standardises`() throws {
    let packet = try #require(try run([:], ["volume": Self.block.packet()])["volume"])
    let result = try TestImage(packet)
    #expect(result.shape == [3, 5, 4] && result.type == .float32)
    #expect(result.affine == [2, 0, 0, -1, 0, 1, 0, 8, 0, 0, 3, 3, 0, 0, 0, 1])
    // The 99.9th percentile of 1...60 is 59 + 0.941.
    let values = (1...59).map(Double.init) + [59.941]
    let mean = values.reduce(0, +) / 60
    let std = (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 60).squareRoot()
    let difference = zip(result.voxels, values).map { abs(Double($0) - ($1 - mean) / std) }.max()
    #expect(try #require(difference) < 1e-6)
    let facts = try packet.facts
    let measured = facts["normalization"]?["channels"]?[0]
    #expect(abs((measured?["mean"]?.number ?? 0) - mean) < 1e-9)
    #expect(abs((measured?["clip_high"]?.number ?? 0) - 59.941) < 1e-9)
    #expect(abs((measured?["background"]?.number ?? 0) + mean / std) < 1e-6)
    #expect(facts["grid"]?["lattice"]?["offset"] == [2, 1, 1])
  }

  @Test func `only what a mask covers is measured, and everything else is taken as 0`() throws {
    var mask = TestImage(shape: [5, 7, 8], affine: Self.affine, type: .uint8) { _ in 0 }
    for index in [2 * 56 + 3 * 8 + 3, 2 * 56 + 3 * 8 + 5] { mask.voxels[index] = 1 }
    let sent = try run(
      ["method": "minmax", "clip_high": 100, "margin": 1],
      ["volume": Self.block.packet(), "mask": mask.packet("mask")])
    let result = try TestImage(try #require(sent["volume"]))
    #expect(result.shape == [3, 3, 5])
    var expected = [Float](repeating: 0, count: 45)
    // The lesser of both is the minimum, and so 0.
    expected[1 * 15 + 1 * 5 + 3] = 1
    #expect(result.voxels == expected)
    let cropped = try TestImage(try #require(sent["mask"]))
    #expect(cropped.shape == [3, 3, 5] && cropped.voxels.reduce(0, +) == 2)
    #expect(cropped.affine == result.affine)
  }

  @Test func `every channel is normalised by itself, in one box`() throws {
    let image = TestImage(shape: [2, 2, 2, 2], affine: Self.affine) {
      $0 < 8 ? Float($0) : $0 == 15 ? 0 : Float(100 * $0)
    }
    let result = try TestImage(
      try #require(
        try run(["method": "minmax", "clip_high": 100], ["volume": image.packet()])["volume"]))
    #expect(result.shape == [2, 2, 2, 2])
    #expect(result.voxels[..<8].max() == 1 && result.voxels[..<8].min() == 0)
    // 800...1400, and the background.
    let expected = (0...6).map { Float($0) / 6 } + [0]
    let difference = zip(result.voxels[8...], expected).map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 1e-6)
  }

  @Test func `equalised intensities are shares`() throws {
    let sent = try run(
      ["method": "equalize", "clip_high": 100, "bins": 60], ["volume": Self.block.packet()])
    let result = try TestImage(try #require(sent["volume"]))
    #expect(result.voxels.first == 1 / 60 && result.voxels.last == 1)
    #expect(zip(result.voxels, result.voxels.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func `none keeps values, and NaN becomes 0`() throws {
    var image = Self.block
    image.type = .float32
    image.voxels[56 + 8 + 2] = .nan
    let result = try TestImage(
      try #require(
        try run(
          ["method": "none", "clip_high": 100, "crop": false], ["volume": image.packet()])[
            "volume"]))
    image.voxels[56 + 8 + 2] = 0
    #expect(result == image)
  }

  @Test func `what cannot be normalised fails with a reason`() throws {
    func failure(
      _ parameters: [String: JSON] = [:], _ inputs: [String: Packet]
    ) -> StageFailure? {
      #expect(throws: StageFailure.self) { _ = try run(parameters, inputs) }
    }
    let zero = TestImage(shape: [2, 2, 2], affine: Self.affine) { _ in 0 }
    #expect(failure([:], ["volume": try zero.packet()])?.code == "EMPTY")
    let block = try Self.block.packet()
    #expect(
      failure([:], ["volume": block, "mask": try zero.packet("mask")])?.code == "GRID_MISMATCH")
    var mask = TestImage(shape: [5, 7, 8], affine: Self.affine, type: .uint8) { _ in 0 }
    let empty = failure([:], ["volume": block, "mask": try mask.packet("mask")])
    #expect(empty?.code == "EMPTY" && empty?.port == "mask")
    mask.voxels[0] = 1
    // All that it covers is 0, which counts with a mask.
    #expect(throws: Never.self) { try run([:], ["volume": block, "mask": mask.packet("mask")]) }
    let infinite = TestImage(shape: [2, 2, 2], affine: Self.affine) { $0 == 3 ? .infinity : 1 }
    #expect(failure(["clip_high": 100], ["volume": try infinite.packet()])?.code == "NOT_FINITE")
    let swapped = failure(["clip_low": 60, "clip_high": 50], ["volume": block])
    #expect(swapped?.category == .badParameter)
  }

  @Test func `the range for display of the source is dropped`() throws {
    let packet = try Self.block.packet(metadata: [
      "nifti": ["version": 1, "display_range": [0, 800]]
    ])
    let result = try #require(try run([:], ["volume": packet])["volume"])
    #expect(try result.facts["nifti"] == ["version": 1, "display_range": [0.0, 0.0]])
  }
}
