internal import Glibc
internal import PonsEngine
internal import PonsHost
internal import PonsKit
internal import StageHarness
internal import TestFolders
internal import Testing

/// The stage as a plugin, with a small network of random weights: what its masks show means nothing.
@Suite(.serialized) struct SAMSegmentTests {
  private let plugin: PluginUnderTest
  private static let shape = [5, 24, 32]

  init() throws {
    Weights.heap
    plugin = try PluginUnderTest("sam")
  }

  /// A picture that is another one in each slice; slice 3 is constant, and slice 4 has a NaN.
  private static func volume() throws -> Packet {
    var values: [Float] = []
    for z in 0..<shape[0] {
      for y in 0..<shape[1] {
        for x in 0..<shape[2] {
          values.append(z == 3 ? 7 : Float((x * (z + 3) + y * y) % 50) + (x > 16 ? 100 : 0))
        }
      }
    }
    values[4 * shape[1] * shape[2]] = .nan
    return try .volume(values.withUnsafeBytes { Array($0) }, .float32, shape)
  }

  private static func prompts(boxes: [[Int32]], points: [[Int32]] = []) throws -> Packet {
    let affine = (0..<16).map { JSON.number($0 % 5 == 0 ? 1 : 0) }
    return try .of(
      "prompts",
      [
        (TensorRequest("boxes", .int32, [boxes.count, 5]), bytes(boxes)),
        (TensorRequest("points", .int32, [points.count, 4]), bytes(points)),
      ],
      metadata: [
        "grid": ["shape": .array(shape.map { .integer(Int64($0)) }), "affine": .array(affine)]
      ])
  }

  private static func bytes(_ rows: [[Int32]]) -> [UInt8] {
    Array(rows.joined()).withUnsafeBytes { Array($0) }
  }

  private func call(
    _ inputs: [String: Packet], _ parameters: [String: JSON] = [:]
  ) throws -> LocalCall {
    try plugin.stage(
      "sam.segment", ["weights": .string(Weights.small)].merging(parameters) { $1 }
    ).process(["volume": Self.volume()].merging(inputs) { $1 })
  }

  private func mask(_ call: LocalCall) throws -> (voxels: [UInt8], facts: JSON) {
    let packet = try #require(call.record.sent.first { $0.port == "mask" }?.packet)
    return (packet.copy(of: "voxels"), try packet.facts)
  }

  private func slices(_ voxels: [UInt8]) -> [[UInt8]] {
    let count = Self.shape[1] * Self.shape[2]
    return stride(from: 0, to: voxels.count, by: count).map { Array(voxels[$0..<$0 + count]) }
  }

  @Test func `slices are asked by themselves, and those without prompts are empty`() throws {
    let boxes: [[Int32]] = [[0, 2, 3, 20, 20], [2, 5, 5, 9, 30 - 10], [2, 12, 1, 30, 23]]
    let (together, facts) = try mask(call(["prompts": Self.prompts(boxes: boxes)]))
    let found = slices(together)
    #expect(found[1].allSatisfy { $0 == 0 } && found[4].allSatisfy { $0 == 0 })
    #expect(Set(together).isSubset(of: [0, 1]))
    let rows = try #require(facts["sam"]?["slices"]?.array)
    #expect(rows.map { $0["z"]?.integer } == [0, 2])
    #expect(rows.map { $0["predicted_iou"]?.array?.count } == [1, 2])
    #expect(facts["labels"] == ["object"])

    // Boxes of one slice in one call give the union of what each gives alone.
    var alone: [[UInt8]] = []
    for box in boxes {
      alone.append(try mask(call(["prompts": Self.prompts(boxes: [box])])).voxels)
    }
    let union = together.indices.map { index in alone.map { $0[index] }.max() ?? 0 }
    #expect(together == union)
    #expect(together.contains(1) && together.contains(0))
  }

  @Test func `masks say which slices were prompted, as s3f.score wants to know`() throws {
    let boxes: [[Int32]] = [[0, 2, 3, 20, 20], [3, 5, 5, 9, 20]]
    let call = try call(["prompts": Self.prompts(boxes: boxes, points: [])])
    let mask = try #require(call.record.sent.first { $0.port == "mask" }?.packet)
    #expect(try mask.facts["slices"] == [0, 3])

    // In slices without prompts the other mask may say what it likes.
    var other = mask.copy(of: "voxels")
    let count = Self.shape[1] * Self.shape[2]
    for index in count..<3 * count { other[index] = 1 }
    let score = try PluginUnderTest("s3f").stage("s3f.score", ["slices": "prompted"])
    let table = try #require(
      score.process(["a": .mask(other, Self.shape), "b": mask]).record.sent.first?.packet)
    #expect(table.values(of: "similarity", Double.self) == [1])
  }

  @Test func `nothing is marked outside of the brain`() throws {
    let boxes: [[Int32]] = [[0, 2, 3, 20, 20]]
    var brain = [UInt8](repeating: 0, count: Self.shape.reduce(1, *))
    for index in brain.indices where index % 3 == 0 { brain[index] = 1 }
    let prompts = try Self.prompts(boxes: boxes)
    let (without, _) = try mask(call(["prompts": prompts]))
    let (with, _) = try mask(call(["prompts": prompts, "brain": .mask(brain, Self.shape)]))
    #expect(with == without.indices.map { without[$0] * brain[$0] })
    #expect(with != without)
  }

  @Test func `a constant slice stays empty, and NaN does no harm`() throws {
    let boxes: [[Int32]] = [[3, 2, 3, 20, 20], [4, 2, 3, 20, 20]]
    let (voxels, facts) = try mask(call(["prompts": Self.prompts(boxes: boxes)]))
    #expect(slices(voxels)[3].allSatisfy { $0 == 0 })
    let rows = try #require(facts["sam"]?["slices"]?.array)
    #expect(rows.map { $0["predicted_iou"]?.array?.count } == [0, 1])
    #expect(rows[1]["predicted_iou"]?.array?.first?.number?.isFinite == true)
  }

  @Test func `a case without prompts has an empty mask`() throws {
    let (voxels, _) = try mask(call(["prompts": Self.prompts(boxes: [])]))
    #expect(voxels.allSatisfy { $0 == 0 })
  }

  @Test func `points are refused by a network that understands boxes only`() throws {
    let error = try #require(throws: StageFailure.self) {
      _ = try call(["prompts": Self.prompts(boxes: [], points: [[0, 3, 3, 1]])])
    }
    #expect(error.code == "POINTS_NOT_UNDERSTOOD")
    #expect(error.message.contains("boxes only"))
  }

  @Test func `prompts of another grid are refused`() throws {
    let other = try Packet.volume(
      [UInt8](repeating: 0, count: 4), .uint8, [1, 2, 2])
    let error = try #require(throws: StageFailure.self) {
      _ = try call(["volume": other, "prompts": Self.prompts(boxes: [[0, 0, 0, 1, 1]])])
    }
    #expect(error.code == "GRID_MISMATCH")
  }

  @Test func `weights that are cut off, or of another network, are refused by name`() throws {
    let folder = try TemporaryFolder()
    let whole = try Files.read(Weights.small)
    let cut = try folder.write(Array(whole.dropLast(100)), "cut.safetensors")
    let error = try #require(throws: StageFailure.self) {
      _ = try plugin.stage("sam.segment", ["weights": .string(cut)])
    }
    #expect(error.code == "BAD_WEIGHTS")
    let other = Weights.fixtures + "/litemedsam.safetensors"
    let foreign = try #require(throws: StageFailure.self) {
      _ = try plugin.stage("sam.segment", ["weights": .string(other)])
    }
    #expect(foreign.message.contains("'image_encoder.patch_embed.seq.0.c.weight' is missing"))
    let missing = try #require(throws: StageFailure.self) {
      _ = try plugin.stage("sam.segment", ["weights": .string(folder.path + "/none.pth")])
    }
    #expect(missing.code == "BAD_WEIGHTS")
  }
}
