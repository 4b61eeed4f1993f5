internal import PonsEngine
internal import PonsHost
internal import PonsKit
internal import StageHarness
internal import TestFolders
internal import Testing

@Suite struct UNetStagesTests {
  @Test func `a trained network finds what it was shown, on a case it has not seen`() throws {
    let plugin = try PluginUnderTest("trainer")
    let model = try TinyTraining.train(plugin)
    #expect(try model.facts["architecture"] == "unet3d")
    #expect(try model.facts["training"]?["cases"] == 4)
    let unseen = try TinyTraining.sample(7)
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

  @Test func `a heavier foreground makes larger masks`() throws {
    let plugin = try PluginUnderTest("trainer")
    let unseen = try TinyTraining.sample(7).volume
    let counts = try [0.05, 20.0].map { weight in
      let model = try TinyTraining.train(
        plugin, ["loss": "cross-entropy", "foreground_weight": .number(weight), "steps": 15])
      let call = try plugin.stage("unet3d.predict", ["largest_component": false])
        .process(["volume": unseen, "model": model])
      let mask = try #require(call.record.sent.first { $0.port == "mask" }?.packet)
      return mask.values(of: "voxels", UInt8.self).count { $0 != 0 }
    }
    #expect(counts[0] < counts[1])
  }

  @Test func `the same seed gives the same bits, another seed others`() throws {
    let plugin = try PluginUnderTest("trainer")
    let short: [String: JSON] = ["steps": 3]
    let first = try TinyTraining.train(plugin, short).copy(of: "head.weight")
    #expect(try TinyTraining.train(plugin, short).copy(of: "head.weight") == first)
    #expect(try TinyTraining.train(plugin, short, seed: 2).copy(of: "head.weight") != first)
  }

  @Test(arguments: [Optional<Int>.none, 100])
  func `a training that was interrupted ends with the same network`(damagedAt: Int?) throws {
    let plugin = try PluginUnderTest("trainer")
    let settings: [String: JSON] = ["steps": 20, "checkpoint_every": 0]
    let whole = try TinyTraining.train(plugin, settings)
    let folder = try TemporaryFolder()
    // Two questions a step, and one for the progress.
    let failure = #expect(throws: StageFailure.self) {
      try TinyTraining.train(plugin, settings, checkpoints: folder.path, endsAtQuestion: 25)
    }
    #expect(failure?.category == .cancelled)
    let file = folder.path + "training.safetensors"
    var bytes = try Files.read(file)
    if let damagedAt {
      // It begins anew.
      bytes[bytes.count - damagedAt] ^= 1
      try Files.write(bytes, file)
    }
    let resumed = try TinyTraining.train(plugin, settings, checkpoints: folder.path)
    for name in ["head.weight", "encoder.0.conv1.weight"] {
      #expect(resumed.copy(of: name) == whole.copy(of: name))
    }
    #expect(try resumed.facts == whole.facts)
    #expect(try Files.read(file) != bytes, "it went on to write checkpoints")
  }

  @Test func `a network that finds nothing of what it was shown is refused`() throws {
    let error = try #require(throws: StageFailure.self) {
      // Steps this large lead nowhere.
      try TinyTraining.train(
        PluginUnderTest("trainer"),
        ["learning_rate": 0.5, "loss": "cross-entropy", "steps": 30, "min_dice": 0.02])
    }
    #expect(error.code == "FOUND_NOTHING")
  }

  @Test func `training that diverges says so`() throws {
    // Finite, but no sum of some of them is.
    let voxels = (0..<8 * 16 * 16).map { $0 * 7919 % 3 == 0 ? Float(3e38) : -3e38 }
    let broken = try Packet.volume(
      voxels.withUnsafeBytes { Array($0) }, .float32, TinyTraining.shape)
    let mask = try Packet.mask([UInt8](repeating: 0, count: voxels.count), TinyTraining.shape)
    let error = try #require(throws: StageFailure.self) {
      try PluginUnderTest("trainer").stage("unet3d.train", TinyTraining.settings).process(
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
      try TinyTraining.train(PluginUnderTest("trainer"), [name: value])
    }
    #expect(error.parameter == name)
  }

  @Test func `a volume that is not normalised is named`() throws {
    let plugin = try PluginUnderTest("trainer")
    let good = try TinyTraining.sample(0)
    let raw = try Packet.volume(
      case: "raw", [UInt8](repeating: 1, count: 8 * 16 * 16), .uint8, TinyTraining.shape)
    let mask = try Packet.mask(
      case: "raw", [UInt8](repeating: 0, count: 8 * 16 * 16), TinyTraining.shape)
    let error = try #require(throws: StageFailure.self) {
      try plugin.stage("unet3d.train", TinyTraining.settings).process(
        all: ["volume": [good.volume, raw], "mask": [good.mask, mask]])
    }
    #expect(error.code == "NOT_NORMALISED")
    #expect(error.message.contains("'raw'"))
  }

  @Test(arguments: [Float.nan, .infinity])
  func `a volume with a voxel that is not finite is refused`(voxel: Float) throws {
    let good = try TinyTraining.sample(0)
    var voxels = good.volume.values(of: "voxels", Float.self)
    voxels[5] = voxel
    let bad = try Packet.volume(
      case: "case-0", voxels.withUnsafeBytes { Array($0) }, .float32, TinyTraining.shape)
    let error = try #require(throws: StageFailure.self) {
      try PluginUnderTest("trainer").stage("unet3d.train", TinyTraining.settings).process(
        all: ["volume": [bad], "mask": [good.mask]])
    }
    #expect(error.code == "NOT_FINITE" && error.category == .badInput)
  }

  @Test func `too few cases are refused`() throws {
    let error = try #require(throws: StageFailure.self) {
      try TinyTraining.train(PluginUnderTest("trainer"), ["min_cases": 5])
    }
    #expect(error.code == "TOO_FEW_CASES")
  }

  @Test func `a damaged model is refused by name`() throws {
    let plugin = try PluginUnderTest("trainer")
    let volume = try TinyTraining.sample(0).volume
    let other = try Packet.of("model", metadata: ["architecture": "resnet"])
    let error = try #require(throws: StageFailure.self) {
      try plugin.stage("unet3d.predict").process(["volume": volume, "model": other])
    }
    #expect(error.code == "BAD_MODEL")
    #expect(error.message.contains("'resnet'"))
  }
}
