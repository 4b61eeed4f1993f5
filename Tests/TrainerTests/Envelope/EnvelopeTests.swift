internal import PonsEngine
internal import PonsHost
internal import PonsKit
internal import StageHarness
internal import Testing

/// Cases unlike those of the training are refused, by name, with value and range.
@Suite struct EnvelopeTests {
  private let plugin: PluginUnderTest
  private let model: Packet

  init() throws {
    plugin = try PluginUnderTest("trainer")
    model = try TinyTraining.train(plugin, ["steps": 1])
  }

  private func failure(
    _ volume: Packet, stage: String = "unet3d.predict", _ parameters: [String: JSON] = [:],
    model: Packet? = nil
  ) throws -> StageFailure? {
    do {
      _ = try plugin.stage(stage, parameters).process([
        "volume": volume, "model": model ?? self.model,
      ])
      return nil
    } catch let error as StageFailure { return error }
  }

  private func volume(_ changes: [String: JSON], affine: [Double]? = nil) throws -> Packet {
    let unit: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    return try TinyTraining.sample(3, affine: affine ?? unit, metadata: changes).volume
  }

  private static func normalization(
    mean: Double = 300, std: Double = 97, ml: Double = 1320
  ) -> JSON {
    [
      "method": "zscore", "mask_ml": .number(ml),
      "channels": [["mean": .number(mean), "std": .number(std)]],
    ]
  }

  private static func source(_ spacing: (Double, Double, Double)) -> JSON {
    [
      "source": [
        "shape": [8, 16, 16],
        "affine": [
          .number(spacing.0), 0, 0, 0, 0, .number(spacing.1), 0, 0, 0, 0, .number(spacing.2), 0, 0,
          0, 0, 1,
        ],
      ]
    ]
  }

  @Test func `the model knows what its cases had in common`() throws {
    let envelope = try model.facts["envelope"]
    #expect(envelope?["modality"] == ["MR"])
    #expect(envelope?["orientation"] == ["RAS"])
    #expect(envelope?["spacing"] == [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    #expect(envelope?["source_spacing"] == [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    #expect(envelope?["brain_ml"] == [[1300.0, 1360.0]])
    #expect(envelope?["contrast"]?[0]?[0]?.number == 3)
    #expect(envelope?["contrast"]?[0]?[1]?.number == 300.0 / 94)
    #expect(try model.facts["training"]?["synthetic"] == 4)
  }

  @Test func `a case like them passes`() throws {
    #expect(try failure(volume([:])) == nil)
    #expect(try failure(volume([:]), stage: "envelope.check") == nil)
  }

  @Test func `CT is refused where MR was trained, as it is read and before the network`() throws {
    for stage in ["envelope.check", "unet3d.predict"] {
      let error = try #require(try failure(volume(["modality": "CT"]), stage: stage))
      #expect(error.code == "OUT_OF_ENVELOPE" && error.category == .badInput)
      #expect(error.message == "the modality is CT, the model was trained on MR")
      #expect(error.hint == "use a model that was trained on such images")
    }
    let unknown = try #require(try failure(volume(["modality": ""])))
    #expect(unknown.message.contains("the modality is unknown"))
  }

  @Test(arguments: [
    (
      "normalization", normalization(ml: 500),
      "the volume of the brain is 500.0 ml, the model was trained on 1300.0 to 1360.0 ml (allowed: 975.0 to 1700.0 ml)"
    ),
    (
      "normalization", normalization(mean: 30),
      "the mean over deviation of the intensities is 0.309, the model was trained on 3.0 to 3.191 (allowed: 2.25 to 3.989)"
    ),
    (
      "grid", source((1, 1, 5)),
      "the spacing of the images that were read is 5.0 mm, the model was trained on 1.0 to 1.0 mm (allowed: 0.75 to 1.25 mm)"
    ),
    (
      "normalization", JSON.null,
      "the volume of the brain is not known, the model was trained on 1300.0 to 1360.0 ml; the mean over deviation of the intensities is not known, the model was trained on 3.0 to 3.191"
    ),
  ])
  func `what is outside is named with value and range`(
    name: String, value: JSON, message: String
  ) throws {
    let error = try #require(try failure(volume([name: value])))
    #expect(error.code == "OUT_OF_ENVELOPE")
    #expect(error.message == message)
    #expect(!error.hint.isEmpty)
  }

  @Test func `spacing and orientation of what the network sees are checked, too`() throws {
    let coarse = try #require(
      try failure(volume([:], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1])))
    #expect(coarse.message.contains("the spacing is 3.0 mm"))
    #expect(coarse.hint.contains("preprocess.resample"))
    let turned = try #require(
      try failure(volume([:], affine: [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])))
    #expect(turned.message == "the orientation is LAS, the model was trained on RAS")
    #expect(turned.hint.contains("preprocess.reorient"))
  }

  @Test func `everything that is outside is said at once`() throws {
    let error = try #require(
      try failure(volume(["modality": "CT", "normalization": Self.normalization(ml: 5000)])))
    #expect(error.message.contains("CT") && error.message.contains("5000.0 ml"))
  }

  @Test func `the margin is the manifest's`() throws {
    let large = try volume(["normalization": Self.normalization(ml: 1600)])
    #expect(try failure(large) == nil)
    #expect(try failure(large, ["envelope_margin": 0.1])?.code == "OUT_OF_ENVELOPE")
    #expect(try failure(volume([:]), ["envelope_margin": 0]) == nil)
  }

  @Test func `slices that no resampling makes good are refused as they are read`() throws {
    let thick = try volume(
      ["grid": .null, "normalization": .null],
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1])
    let error = try #require(try failure(thick, stage: "envelope.check"))
    #expect(error.message.contains("images that were read is 5.0 mm"))
  }

  @Test(arguments: [
    JSON.null, [:], ["modality": ["MR"], "orientation": []],
    ["modality": [1], "orientation": ["RAS"]],
    ["modality": ["MR"], "orientation": ["RAS"], "spacing": [[1, 1]]],
    ["modality": ["MR"], "orientation": ["RAS"], "brain_ml": [[2, 1]]],
  ])
  func `a model without an envelope, or with a damaged one, is refused`(envelope: JSON) throws {
    var metadata = try #require(try model.facts.object)
    metadata["envelope"] = envelope
    let broken = try Packet.of("model", metadata: .object(metadata))
    let error = try #require(try failure(volume([:]), stage: "envelope.check", model: broken))
    #expect(error.code == "BAD_MODEL" && error.port == "model")
  }

  @Test func `the envelope covers volumes that nothing is learned from, when they are named`()
    throws
  {
    let sample = try TinyTraining.sample(0)
    let others = [sample.volume, try volume(["normalization": Self.normalization(ml: 2000)])]
    for isNamed in [false, true] {
      let call = try plugin.stage(
        "unet3d.train", TinyTraining.settings.merging(["steps": 1]) { $1 }
      ).process(
        all: [
          "volume": [sample.volume], "mask": [sample.mask], "envelope": isNamed ? others : [],
        ])
      let model = try #require(call.record.sent.first?.packet)
      #expect(try model.facts["training"]?["cases"] == 1)
      let refusal = try failure(
        volume(["normalization": Self.normalization(ml: 2000)]), model: model)
      #expect((refusal == nil) == isNamed)
    }
  }

  @Test func `a fact that one of the cases lacked is no bound`() throws {
    let samples = [
      try TinyTraining.sample(0), try TinyTraining.sample(2, metadata: ["normalization": .null]),
    ]
    let call = try plugin.stage(
      "unet3d.train", TinyTraining.settings.merging(["steps": 1]) { $1 }
    ).process(all: ["volume": samples.map(\.volume), "mask": samples.map(\.mask)])
    let model = try #require(call.record.sent.first?.packet)
    #expect(try model.facts["envelope"]?["brain_ml"] == nil)
    #expect(
      try failure(volume(["normalization": Self.normalization(ml: 5)]), model: model) == nil)
  }
}
