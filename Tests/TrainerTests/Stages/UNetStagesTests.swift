internal import PonsEngine
internal import PonsHost
internal import PonsKit
internal import StageHarness
internal import Testing

@Suite struct UNetStagesTests {
  private static let shape = [8, 16, 16]

  /// A bright block in noise-like texture; where it is depends on `place`.
  private static func sample(_ place: Int) throws -> (volume: Packet, mask: Packet) {
    var voxels = [Float](repeating: 0, count: 8 * 16 * 16)
    var mask = [UInt8](repeating: 0, count: voxels.count)
    for z in 0..<8 {
      for y in 0..<16 {
        for x in 0..<16 {
          let index = (z * 16 + y) * 16 + x
          voxels[index] = Float((z * 7 + y * 13 + x * 29 + place * 31) % 17) / 34 - 0.25
          if (2..<6).contains(z), (place..<place + 6).contains(y), (4..<10).contains(x) {
            voxels[index] += 2
            mask[index] = 1
          }
        }
      }
    }
    let key = "case-\(place)"
    return (
      try .volume(case: key, voxels.withUnsafeBytes { Array($0) }, .float32, shape),
      try .mask(case: key, mask, shape)
    )
  }

  private static let settings: [String: JSON] = [
    "steps": 80, "patch": [8, 16, 16], "channels": [4, 8], "dropout": 0.1, "loss": "both",
    "optimizer": "adamw", "learning_rate": 0.02,
  ]

  private static func train(
    _ plugin: PluginUnderTest, _ changes: [String: JSON] = [:], seed: UInt64 = 1
  ) throws -> Packet {
    let samples = try (0..<4).map { try sample($0 * 2) }
    let stage = try plugin.stage(
      "unet3d.train", settings.merging(changes) { _, change in change })
    let call = try stage.process(
      all: ["volume": samples.map(\.volume), "mask": samples.map(\.mask)], seed: seed)
    return try #require(call.record.sent.first { $0.port == "model" }?.packet)
  }

  @Test func `a trained network finds what it was shown, on a case it has not seen`() throws {
    let plugin = try PluginUnderTest("trainer")
    let model = try Self.train(plugin)
    #expect(try model.facts["architecture"] == "unet3d")
    #expect(try model.facts["training"]?["cases"] == 4)
    let unseen = try Self.sample(7)
    for mirror in [false, true] {
      let call = try plugin.stage("unet3d.predict", ["mirror": .bool(mirror)])
        .process(["volume": unseen.volume, "model": model])
      let mask = try #require(call.record.sent.first { $0.port == "mask" }?.packet)
      let found = mask.values(of: "voxels", UInt8.self)
      let truth = unseen.mask.values(of: "voxels", UInt8.self)
      let both = zip(found, truth).count { $0 != 0 && $1 != 0 }
      let dice = Double(2 * both) / Double(found.count { $0 != 0 } + truth.count { $0 != 0 })
      #expect(dice > 0.9)
      #expect(try mask.facts["labels"] == ["lesion"])
    }
  }

  @Test func `the same seed gives the same bits, another seed others`() throws {
    let plugin = try PluginUnderTest("trainer")
    let short: [String: JSON] = ["steps": 3]
    let first = try Self.train(plugin, short).copy(of: "head.weight")
    #expect(try Self.train(plugin, short).copy(of: "head.weight") == first)
    #expect(try Self.train(plugin, short, seed: 2).copy(of: "head.weight") != first)
  }

  @Test func `training that diverges says so`() throws {
    // Finite, but no sum of some of them is.
    let voxels = (0..<8 * 16 * 16).map { $0 * 7919 % 3 == 0 ? Float(3e38) : -3e38 }
    let broken = try Packet.volume(voxels.withUnsafeBytes { Array($0) }, .float32, Self.shape)
    let mask = try Packet.mask([UInt8](repeating: 0, count: voxels.count), Self.shape)
    let error = try #require(throws: StageFailure.self) {
      try PluginUnderTest("trainer").stage("unet3d.train", Self.settings).process(
        all: ["volume": [broken], "mask": [mask]])
    }
    #expect(error.code == "DIVERGED")
    #expect(error.message.contains("step 1"))
  }

  @Test(arguments: [
    ("patch", JSON.array([8, 16])), ("patch", JSON.array([8, 16, 15])),
    ("channels", JSON.array([])), ("channels", JSON.array([0, 4])),
  ])
  func `sizes that do not fit are refused when the graph is made`(name: String, value: JSON) throws
  {
    let error = try #require(throws: StageFailure.self) {
      try Self.train(PluginUnderTest("trainer"), [name: value])
    }
    #expect(error.parameter == name)
  }

  @Test func `a volume that is not normalised is named`() throws {
    let plugin = try PluginUnderTest("trainer")
    let good = try Self.sample(0)
    let raw = try Packet.volume(
      case: "raw", [UInt8](repeating: 1, count: 8 * 16 * 16), .uint8, Self.shape)
    let mask = try Packet.mask(
      case: "raw", [UInt8](repeating: 0, count: 8 * 16 * 16), Self.shape)
    let error = try #require(throws: StageFailure.self) {
      try plugin.stage("unet3d.train", Self.settings).process(
        all: ["volume": [good.volume, raw], "mask": [good.mask, mask]])
    }
    #expect(error.code == "NOT_NORMALISED")
    #expect(error.message.contains("'raw'"))
  }

  @Test(arguments: [Float.nan, .infinity])
  func `a volume with a voxel that is not finite is refused`(voxel: Float) throws {
    let good = try Self.sample(0)
    var voxels = good.volume.values(of: "voxels", Float.self)
    voxels[5] = voxel
    let bad = try Packet.volume(
      case: "case-0", voxels.withUnsafeBytes { Array($0) }, .float32, Self.shape)
    let error = try #require(throws: StageFailure.self) {
      try PluginUnderTest("trainer").stage("unet3d.train", Self.settings).process(
        all: ["volume": [bad], "mask": [good.mask]])
    }
    #expect(error.code == "NOT_FINITE" && error.category == .badInput)
  }

  @Test func `too few cases are refused`() throws {
    let error = try #require(throws: StageFailure.self) {
      try Self.train(PluginUnderTest("trainer"), ["min_cases": 5])
    }
    #expect(error.code == "TOO_FEW_CASES")
  }

  @Test func `a damaged model is refused by name`() throws {
    let plugin = try PluginUnderTest("trainer")
    let volume = try Self.sample(0).volume
    let other = try Packet.of("model", metadata: ["architecture": "resnet"])
    let error = try #require(throws: StageFailure.self) {
      try plugin.stage("unet3d.predict").process(["volume": volume, "model": other])
    }
    #expect(error.code == "BAD_MODEL")
    #expect(error.message.contains("'resnet'"))
  }
}
