internal import Phantom
internal import PonsEngine
internal import PonsHost
internal import PonsKit
internal import StageHarness
internal import Testing

@Suite struct ChestPhantomTests {
  private static func phantom(seed: UInt64, nodules: Int = 2, noise: Double = 25) throws
    -> ChestPhantom
  {
    try ChestPhantom(
      ChestPhantom.Settings(
        size: SIMD3(56, 40, 32), spacing: 6, nodules: nodules, diameter: 20...34, noise: noise),
      seed: seed)
  }

  @Test func `the same seed gives the same chest, another one another`() throws {
    let first = try Self.phantom(seed: 3)
    let second = try Self.phantom(seed: 3)
    #expect(first.voxels == second.voxels && first.truth == second.truth)
    #expect(try Self.phantom(seed: 4).voxels != first.voxels)
  }

  @Test func `nodules lie in the lungs, and are denser than they are`() throws {
    for seed in UInt64(1)...8 {
      let chest = try Self.phantom(seed: seed, noise: 0)
      let healthy = try Self.phantom(seed: seed, nodules: 0, noise: 0)
      let inside = chest.truth.indices.filter { chest.truth[$0] == 1 }
      // Balls of 20 to 34 mm have 4 to 21 ml; shapes are irregular, two may overlap, and a wall may cut them off.
      let volume = Double(inside.count) * 0.216
      #expect((1.0...90).contains(volume), "seed \(seed): \(volume) ml")
      #expect(inside.allSatisfy { chest.voxels[$0] >= healthy.voxels[$0] })
      let dense = inside.count { chest.voxels[$0] > -400 }
      #expect(Double(dense) > 0.8 * Double(inside.count), "seed \(seed)")
    }
  }

  @Test func `healthy chests have no nodule`() throws {
    #expect(try Self.phantom(seed: 5, nodules: 0).truth.allSatisfy { $0 == 0 })
  }

  @Test func `the stage says that it is synthetic, CT, and which masks are the truth`() throws {
    let plugin = try PluginUnderTest("phantom")
    let stage = try plugin.stage(
      "phantom.chest", ["cases": 3, "healthy": 3, "size": [24, 32, 40], "spacing": 8])
    #expect(try stage.cases().map(\.name) == ["phantom-001", "phantom-002", "phantom-003"])
    let volume = try stage.read("phantom-002")
    #expect(try volume.facts["modality"] == "CT")
    #expect(try volume.facts["synthetic"] == true)
    #expect(volume.tensor("voxels")?.type == .int16)
    #expect(stage.descriptor.output("truth")?.isGroundTruth == true)
  }

  @Test(arguments: [("size", JSON.array([8, 8])), ("diameter", .array([5, 2]))])
  func `settings that make no sense are refused`(name: String, value: JSON) throws {
    let error = try #require(throws: StageFailure.self) {
      try PluginUnderTest("phantom").stage("phantom.chest", [name: value])
    }
    #expect(error.parameter == name)
  }
}
