import PonsEngine
import PonsHost
import PonsKit
import PonsTorch
import StageHarness
import TestTensors
import Testing

/// The stage as it was built, on a model with a closed vocabulary of seven words; see Fixtures/make_stage.py.
@Suite struct ClipLabelTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("clip") }

  private static let texts: JSON = [
    "normal": ["an image of a normal brain", "a brain"], "tumor": "an image of a tumor",
  ]
  private static let shape = [12, 16, 16]
  // Columns to the left, rows to the back: pictures are the slices as they are stored.
  private static let affine: [Double] = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]

  private func parameters(_ more: [String: JSON] = [:]) -> [String: JSON] {
    [
      "model": "stage", "folder": .string(fixtures + "/models/stage"), "texts": Self.texts,
      "smooth_each": 0,
      "min_probability": 0.57,
    ].merging(more) { $1 }
  }

  private func volume() throws -> Packet {
    let voxels = try TensorFixture("stage.safetensors", beside: #filePath)("volume")
    return try .volume(
      voxels.withBytes(Array.init), .int16, Self.shape, affine: Self.affine)
  }

  private struct Labels {
    var probability: [Float]
    var label: [Int8]

    init(_ call: LocalCall) throws {
      let packet = try #require(call.record.sent.first?.packet)
      probability = packet.copy(of: "probability").withUnsafeBytes {
        Array($0.bindMemory(to: Float.self))
      }
      label = packet.copy(of: "label").map { Int8(bitPattern: $0) }
    }
  }

  private func labels(
    _ more: [String: JSON] = [:], _ packets: [String: Packet] = [:]
  ) throws -> Labels {
    let stage = try plugin.stage("clip.label", parameters(more))
    return try Labels(stage.process(["volume": try volume()].merging(packets) { $1 }))
  }

  /// Float32 through a small network: 1e-4.
  @Test(arguments: [1, 4, 16])
  func `probabilities are those of transformers`(batch: Int64) throws {
    let found = try labels(["batch": .integer(batch)])
    let expected = try TensorFixture("stage.safetensors", beside: #filePath)("probability")
      .array(of: Float.self)
    // The first and the last slice show nothing.
    for index in 2..<22 { #expect(abs(found.probability[index] - expected[index]) < 1e-4) }
    #expect(found.probability[..<2] == [0.5, 0.5] && found.probability[22...] == [0.5, 0.5])
    #expect(found.label == [-1, -1, -1, -1, 1, 0, 0, 0, -1, 1, 1, -1])
  }

  @Test func `each class can have its own limit`() throws {
    let found = try labels(["min_probability_of": ["normal": 0.65]])
    #expect(found.label == [-1, -1, -1, -1, 1, -1, 0, -1, -1, 1, 1, -1])
  }

  @Test func `neighbours vote in slices or in mm`() throws {
    let labelled: [String: JSON] = ["min_probability": 0]
    let before = try labels(labelled).label
    #expect(before == [-1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, -1])
    let vote: [String: JSON] = ["smooth_each": 1, "smooth_reach": 1, "smooth_minimum": 1]
    let after: [Int8] = [-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, -1]
    #expect(try labels(labelled.merging(vote) { $1 }).label == after)
    // Slices are 2 mm apart.
    #expect(try labels(labelled.merging(["smooth_mm": 2]) { $1 }).label == after)
    #expect(try labels(labelled.merging(["smooth_mm": 1.9]) { $1 }).label == before)
  }

  @Test func `slices outside of the mask get no label`() throws {
    let bytes = (0..<12).flatMap { z in [UInt8](repeating: (3..<7).contains(z) ? 1 : 0, count: 256)
    }
    let affine = Self.affine.withUnsafeBytes { Array($0) }
    let mask = try Packet.of(
      "mask",
      [
        (TensorRequest("voxels", .uint8, Self.shape), bytes),
        (TensorRequest("affine", .float64, [4, 4]), affine),
      ], metadata: ["labels": ["brain"]])
    let found = try labels(["min_probability": 0], ["mask": mask])
    #expect(found.label == [-1, -1, -1, 0, 1, 0, 0, -1, -1, -1, -1, -1])
  }

  @Test func `a volume of one value gets no label at all`() throws {
    let flat = try Packet.volume(
      [UInt8](repeating: 7, count: 3 * 4 * 4), .uint8, [3, 4, 4], affine: Self.affine)
    let found = try labels([:], ["volume": flat])
    #expect(found.label == [-1, -1, -1] && found.probability == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
  }

  @Test func `classes can be others and more`() throws {
    let found = try labels([
      "classes": ["a", "b", "c"], "min_probability": 0,
      "texts": ["a": "normal brain", "b": "tumor", "c": ["an image", "a tumor"]],
    ])
    #expect(found.probability.count == 36 && Set(found.label).isSubset(of: [-1, 0, 1, 2]))
    #expect(abs(found.probability[3..<6].reduce(0, +) - 1) < 1e-5)
  }

  @Test func `parts of words are no words, though they are tokens`() throws {
    for part in ["mal", "ain", "ge", "mor"] {
      let error = try #require(throws: StageFailure.self) {
        try plugin.stage(
          "clip.label", parameters(["texts": ["normal": "a brain", "tumor": .string("a \(part)")]]))
      }
      #expect(error.code == "UNKNOWN_WORDS" && error.message.contains("learn '\(part)' in"))
    }
  }

  @Test func `words that the model did not learn are named`() throws {
    let error = try #require(throws: StageFailure.self) {
      try plugin.stage(
        "clip.label", parameters(["texts": ["normal": "a brain", "tumor": "a glioma, grade 4"]]))
    }
    #expect(error.code == "UNKNOWN_WORDS" && error.parameter == "texts")
    #expect(error.message.contains("'glioma', ',', 'grade', '4'"))
  }

  @Test(
    arguments: [
      ["texts": ["normal": "a brain"]], ["texts": ["normal": "a brain", "tumor": []]],
      ["texts": ["normal": "a brain", "tumor": [1]]],
      ["texts": ["normal": "a brain", "tumor": "a tumor", "cyst": "a brain"]],
      ["classes": ["normal"]], ["classes": ["normal", "normal"]],
      ["min_probability_of": ["cyst": 0.5]], ["min_probability_of": ["normal": 2]],
      ["folder": .string(fixtures)], ["folder": .string(fixtures + "/models/none")],
      ["folder": .string(fixtures + "/models/quick")],
    ] as [[String: JSON]])
  func `parameters that cannot be are refused`(more: [String: JSON]) throws {
    let error = try #require(throws: StageFailure.self) {
      try plugin.stage("clip.label", parameters(more))
    }
    #expect(error.category == .badParameter && error.parameter != nil)
    #expect(!error.message.contains(fixtures))
  }

  /// A head of ellipses, without and with a bright patch: what the small model that comes with Pons was made for.
  @Test func `the model that comes with Pons tells a patch from none`() throws {
    let pixels = (0..<2).flatMap { slice in
      (0..<64 * 64).map { index -> UInt8 in
        let (x, y) = (Double(index % 64), Double(index / 64))
        func radius(_ cx: Double, _ cy: Double, _ a: Double, _ b: Double) -> Double {
          ((x - cx) / a) * ((x - cx) / a) + ((y - cy) / b) * ((y - cy) / b)
        }
        if slice == 1 && radius(44, 24, 7, 8) < 1 { return 240 }
        if min(radius(27, 32, 3, 7), radius(37, 32, 3, 7)) < 1 { return 50 }
        let head = radius(32, 32, 26, 30)
        return head < 0.65 ? 120 : head < 1 ? 150 : 0
      }
    }
    let head = try Packet.volume(pixels, .uint8, [2, 64, 64], affine: Self.affine)
    let stage = try plugin.stage("clip.label", ["model": "pons-clip-tiny"])
    #expect(try Labels(stage.process(["volume": head])).label == [0, 1])
  }

  @Test func `there is no default model`() throws {
    let error = try #require(throws: StageFailure.self) { try plugin.stage("clip.label") }
    #expect(error.category == .badParameter && error.parameter == "model")
  }

  @Test(arguments: ["somebody/clip", "../quick", ""])
  func `a model that is not there is named`(name: String) throws {
    let error = try #require(throws: StageFailure.self) {
      try plugin.stage("clip.label", ["model": .string(name)])
    }
    #expect(error.code == "NO_MODEL" && error.parameter == "model")
    #expect(error.message.contains("'\(name)'") && error.hint.contains("openai/clip-vit-base"))
  }

  @Test(arguments: [([2, 2, 4, 4], "[z, y, x]"), ([1, 1, 40], "strips")] as [([Int], String)])
  func `volumes of another shape are refused`(shape: [Int], named: String) throws {
    let packet = try Packet.volume(
      [UInt8](repeating: 1, count: shape.reduce(1, *)), .uint8, shape, affine: Self.affine)
    let error = try #require(throws: StageFailure.self) { try labels([:], ["volume": packet]) }
    #expect(error.code == "BAD_SHAPE" && error.message.contains(named))
  }
}
