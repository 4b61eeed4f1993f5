internal import PonsEngine
internal import PonsHost
internal import PonsKit
internal import StageHarness
internal import TestFolders
internal import Testing

@Suite struct CAMStagesTests {
  private static let shape = [6, 24, 24]

  /// Slices of stripes; those with an odd number have a bright spot around (y, x).
  private static func volume(_ key: String, y: Int, x: Int) throws -> (Packet, Packet) {
    var voxels = [Float](repeating: 0, count: 6 * 24 * 24)
    for z in 0..<6 {
      for row in 0..<24 {
        for column in 0..<24 {
          let index = (z * 24 + row) * 24 + column
          voxels[index] = Float((row * 5 + column * 3 + z) % 7) / 7
          if z % 2 == 1, abs(row - y) < 4, abs(column - x) < 4 { voxels[index] += 2 }
        }
      }
    }
    let label = (0..<6).map { Int8($0 % 2) }
    let labels = try Packet.of(
      "slice-labels", case: key,
      [
        (TensorRequest("label", .int8, [6]), label.map { UInt8(bitPattern: $0) }),
        (TensorRequest("probability", .float32, [6, 2]), [UInt8](repeating: 0, count: 48)),
      ], metadata: ["classes": ["normal", "tumour"]])
    return (
      try .volume(case: key, voxels.withUnsafeBytes { Array($0) }, .float32, shape), labels
    )
  }

  private static func train(
    _ changes: [String: JSON] = [:], checkpoints: String? = nil, endsAtQuestion: Int? = nil
  ) throws -> (PluginUnderTest, Packet) {
    let plugin = try PluginUnderTest("cam")
    let cases = try [(6, 6), (16, 8), (9, 17), (17, 17)].enumerated().map {
      try volume("case-\($0)", y: $1.0, x: $1.1)
    }
    let settings: [String: JSON] = [
      "network": "small", "image_size": 48, "epochs": 12, "learning_rate": 3e-3,
      "decay_every": 100, "min_slices": 2,
    ]
    let call = try plugin.stage("classifier.train", settings.merging(changes) { _, new in new })
      .process(
        all: ["volume": cases.map(\.0), "labels": cases.map(\.1), "slices": []],
        checkpoints: checkpoints, endsAtQuestion: endsAtQuestion)
    return (plugin, try #require(call.record.sent.first { $0.port == "model" }?.packet))
  }

  @Test func `a trained classifier shows where the spot is, on a case it has not seen`() throws {
    let (plugin, model) = try Self.train()
    let unseen = try Self.volume("new", y: 12, x: 13).0
    let call = try plugin.stage("cam.compute", ["layer": "layer2"])
      .process(["volume": unseen, "model": model])
    let heat = try #require(call.record.sent.first { $0.port == "heatmap" }?.packet)
    let values = heat.values(of: "voxels", Float.self)
    #expect(values.allSatisfy { (0...1).contains($0) })
    let slice = Array(values[(3 * 576)..<(4 * 576)])
    let brightest = try #require(slice.indices.max { slice[$0] < slice[$1] })
    #expect(abs(brightest / 24 - 12) < 6 && abs(brightest % 24 - 13) < 6)
    let labels = try #require(call.record.sent.first { $0.port == "labels" }?.packet)
    #expect(labels.values(of: "label", Int8.self) == [0, 1, 0, 1, 0, 1])
    // Slices of the other class are 0.
    #expect(values[0..<576].allSatisfy { $0 == 0 })
  }

  @Test func `the same seed gives the same classifier`() throws {
    let first = try Self.train(["epochs": 1]).1.copy(of: "fc.weight")
    #expect(try Self.train(["epochs": 1]).1.copy(of: "fc.weight") == first)
  }

  @Test(arguments: [5, 6, 7]) func `a training that was interrupted ends with the same classifier`(
    question: Int
  ) throws {
    // Three steps an epoch.
    let settings: [String: JSON] = [
      "epochs": 4, "balanced": true, "flips": true, "checkpoint_every": 0,
    ]
    let whole = try Self.train(settings).1
    let folder = try TemporaryFolder()
    let failure = #expect(throws: StageFailure.self) {
      try Self.train(settings, checkpoints: folder.path, endsAtQuestion: question)
    }
    #expect(failure?.category == .cancelled)
    let resumed = try Self.train(settings, checkpoints: folder.path).1
    for name in ["fc.weight", "layer1.0.bn1.running_mean"] {
      #expect(resumed.copy(of: name) == whole.copy(of: name))
    }
    #expect(try resumed.facts == whole.facts)
  }

  @Test(arguments: ["slice", "none"])
  func `intensities are spread in each slice, or taken as they are`(window: String) throws {
    let (plugin, model) = try Self.train(["window": .string(window)])
    #expect(try model.facts["window"]?.string == window)
    let unseen = try Self.volume("new", y: 12, x: 13).0
    let call = try plugin.stage("cam.compute", ["layer": "layer2"])
      .process(["volume": unseen, "model": model])
    let labels = try #require(call.record.sent.first { $0.port == "labels" }?.packet)
    #expect(labels.values(of: "label", Int8.self) == [0, 1, 0, 1, 0, 1])
  }

  @Test func `a class that hardly occurs is refused`() throws {
    let error = try #require(throws: StageFailure.self) { try Self.train(["min_slices": 13]) }
    #expect(error.code == "TOO_FEW_SLICES")
    #expect(error.message.contains("12 slices"))
  }

  @Test(arguments: [("layer", "layer7"), ("class_name", "cat")])
  func `names that the classifier does not have are refused`(name: String, value: String) throws {
    let (plugin, model) = try Self.train(["epochs": 1])
    let error = try #require(throws: StageFailure.self) {
      try plugin.stage("cam.compute", [name: .string(value)])
        .process(["volume": Self.volume("new", y: 12, x: 13).0, "model": model])
    }
    #expect(error.parameter == name)
  }
}
