import PonsEngine
import PonsHost
import PonsImaging
import PonsKit
import StageHarness
import Testing

@Suite struct RestoreGridTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("preprocess") }

  private func run(
    _ stage: String, _ parameters: [String: JSON] = [:], _ inputs: [String: Packet]
  ) throws -> [String: Packet] {
    let sent = try plugin.stage(stage, parameters).process(inputs).record.sent
    return Dictionary(sent.map { ($0.port, $0.packet) }, uniquingKeysWith: { $1 })
  }

  /// Turned, cropped, turned and cropped again, then restored: the same voxels, the same affine to the last bit.
  @Test(arguments: 0..<24) func `turning and cropping are undone exactly`(seed: Int) throws {
    var numbers = TestNumbers(seed: seed)
    let shape = (0..<3).map { _ in 3 + numbers.next(below: 9) }
    let low = shape.map { numbers.next(below: $0 - 1) }
    let high = zip(shape, low).map { $1 + 1 + numbers.next(below: $0 - $1 - 1) }
    let mask = TestImage(shape: shape, affine: numbers.affine(), type: .uint8) { index in
      let place = [index / (shape[1] * shape[2]), index / shape[2] % shape[1], index % shape[2]]
      let isInside = (0..<3).allSatisfy { (low[$0]...high[$0]).contains(place[$0]) }
      return isInside ? Float(1 + index % 250) : 0
    }
    var image = mask
    image.type = [.float32, .int16, .float64][seed % 3]
    let codes = ["RAS", "LPS", "SAR", "IPL", "ARS", "PSL"]
    var packets = ["volume": try image.packet(), "mask": try mask.packet("mask")]
    for step in 0..<2 {
      packets = try run(
        "preprocess.reorient", ["orientation": .string(codes[(seed + 2 * step) % 6])], packets)
      packets = try run(
        "preprocess.normalize",
        ["method": "none", "clip_high": 100, "margin": .integer(Int64(1 - step))], packets)
    }
    #expect(try TestImage(try #require(packets["mask"])).voxels.count < mask.voxels.count + 1)
    let restored = try run("restore.grid", [:], packets)
    let volume = try TestImage(try #require(restored["volume"]))
    #expect(volume.voxels == image.voxels && volume.shape == image.shape)
    #expect(volume.affine == image.affine)
    #expect(try TestImage(try #require(restored["mask"])) == mask)
    #expect(try restored["mask"]?.facts["grid"] == nil)
    #expect(try restored["mask"]?.facts["labels"] == ["lesion"])
  }

  @Test func `what was resampled comes back to where it was`() throws {
    var numbers = TestNumbers(seed: 77)
    let affine = numbers.affine()
    let shape = [24, 26, 28]
    func ball(_ index: Int) -> Float {
      let (x, y, z) = (index % 28 - 14, index / 28 % 26 - 12, index / 728 - 12)
      return x * x + y * y + z * z < 64 ? 1 : 0
    }
    let mask = TestImage(shape: shape, affine: affine, type: .uint8, ball)
    let heat = TestImage(shape: shape, affine: affine, ball)
    var packets = try run("preprocess.reorient", [:], ["mask": mask.packet("mask")])
    packets = try run("preprocess.resample", ["spacing": [0.9]], packets)
    let restored = try TestImage(try #require(try run("restore.grid", [:], packets)["mask"]))
    #expect(restored.shape == shape && restored.affine == affine && restored.type == .uint8)
    let both = zip(restored.voxels, mask.voxels).count { $0 == 1 && $1 == 1 }
    let dice = 2 * Float(both) / (restored.voxels.reduce(0, +) + mask.voxels.reduce(0, +))
    #expect(dice > 0.9)
    // A heatmap that forgot where it came from, with the reader's volume as reference.
    let coarse = try TestImage(
      try #require(
        try run("preprocess.resample", ["spacing": [1.5]], ["volume": heat.packet()])["volume"]))
    let back = try run(
      "restore.grid", [:],
      ["heatmap": coarse.packet("heatmap"), "reference": heat.packet()])["heatmap"]
    let heatmap = try TestImage(try #require(back))
    #expect(heatmap.shape == shape && heatmap.type == .float32)
    #expect(heatmap.voxels[(12 * 26 + 12) * 28 + 14] > 0.9 && heatmap.voxels[0] == 0)
  }

  @Test func `without a grid to go to it fails, and with a wrong one`() throws {
    let image = TestImage(
      shape: [2, 2, 2], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], type: .uint8
    ) { _ in 1 }
    let failure = #expect(throws: StageFailure.self) {
      _ = try run("restore.grid", [:], ["mask": image.packet("mask")])
    }
    #expect(failure?.code == "NO_SOURCE_GRID" && failure?.port == "mask")
    let grids: [JSON] = [
      [:], 5, ["source": ["shape": [2, 2], "affine": []]],
      ["source": ["shape": [2, 2, -2], "affine": .array(image.affine.map(JSON.number))]],
      ["source": ["shape": [2, 2, 2], "affine": .array([JSON](repeating: 1.0, count: 16))]],
      [
        "source": [
          "shape": [1_000_000, 1_000_000, 1_000_000],
          "affine": .array(image.affine.map(JSON.number)),
        ]
      ],
    ]
    for grid in grids {
      let failure = #expect(throws: StageFailure.self) {
        _ = try run("restore.grid", [:], ["mask": image.packet("mask", metadata: ["grid": grid])])
      }
      #expect(failure?.code == "BAD_GRID")
    }
  }
}
