import ClipLabeler
import PonsKit
import PonsTorch
import PonsWeights
import TestTensors
import Testing

/// Against `CLIPModel` of transformers; see Fixtures/make_models.py. Sums of some hundred products in float32, in another
/// order: 1e-4 of the largest element.
@Suite struct ClipModelTests {
  private static let texts = [
    [126, 12, 40, 77, 127], [126, 9, 127], [126, 100, 101, 102, 103, 104, 105, 106, 107, 127],
    [126, 127],
  ]

  private func model(_ name: String) throws -> ClipModel {
    let folder = try ModelFolder(path: fixtures + "/models/" + name)
    let model = ClipModel(try ClipConfiguration(json: #require(folder.config)))
    try model.load(StateDict(folder.weights()))
    return model
  }

  /// "exact" is stored in shards.
  @Test(arguments: ["quick", "exact"])
  func `embeddings and logits are the reference's`(name: String) throws {
    let fixture = try TensorFixture("models.safetensors", beside: #filePath)
    let model = try model(name)
    let images = try model.embed(images: fixture("\(name).images"))
    let texts = try model.embed(texts: Self.texts)
    #expect(try relativeError(images, fixture("\(name).image_embeddings")) < 1e-4)
    #expect(try relativeError(texts, fixture("\(name).text_embeddings")) < 1e-4)
    let logits = try model.logits(images: images, texts: texts)
    #expect(try relativeError(logits, fixture("\(name).logits")) < 1e-4)
  }

  @Test func `a text does not depend on those beside it`() throws {
    let model = try model("exact")
    let alone = try model.embed(texts: [Self.texts[1]])
    let together = try model.embed(texts: Self.texts).slice(0, from: 1, to: 2)
    #expect(try relativeError(alone, together) < 1e-5)
  }

  @Test func `derivatives reach every weight`() throws {
    let model = ClipModel(try ClipConfiguration(json: Self.tiny))
    try model.initialize(Generator(seed: 1))
    try model.setTraining(true)
    let images = try model.embed(images: Tensor.ones([2, 3, 8, 8]))
    let texts = try model.embed(texts: [[0, 2, 1], [0, 3, 1]])
    try model.logits(images: images, texts: texts).crossEntropy(Tensor.of([Int64(0), 1])).backward()
    for (name, parameter) in model.trained {
      #expect(try parameter.value.grad != nil, "\(name)")
    }
  }

  static let tiny: JSON = [
    "model_type": "clip", "projection_dim": 4,
    "text_config": [
      "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 8, "num_hidden_layers": 1,
      "vocab_size": 5, "max_position_embeddings": 6, "eos_token_id": 1,
    ],
    "vision_config": [
      "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 8, "num_hidden_layers": 1,
      "image_size": 8, "patch_size": 4,
    ],
  ]

  @Test func `what is left out is as in ViT-B of 32 pixels`() throws {
    let configuration = try ClipConfiguration(json: ["model_type": "clip"])
    // The number that OpenAI's file has.
    #expect(ClipModel(configuration).trainedCount == 151_277_313)
  }

  @Test func `values of the older object go before`() throws {
    let configuration = try ClipConfiguration(json: [
      "text_config": ["hidden_size": 64], "text_config_dict": ["hidden_size": 32],
      "vision_config": nil, "vision_config_dict": ["patch_size": 16],
    ])
    #expect(configuration.text.width == 32 && configuration.patchSize == 16)
  }

  @Test(
    arguments: [
      (["model_type": "siglip"], "siglip"),
      (["text_config": ["hidden_act": "tanh"]], "tanh"),
      (["text_config": ["hidden_size": 0]], "text_config.hidden_size"),
      (["vision_config": ["hidden_size": 100, "num_attention_heads": 3]], "multiple"),
      (["vision_config": ["image_size": "big"]], "vision_config.image_size"),
      (["vision_config": ["num_channels": 1]], "channels"),
    ] as [(JSON, String)])
  func `what cannot be is refused`(json: JSON, named: String) throws {
    let error = try #require(throws: StageFailure.self) { try ClipConfiguration(json: json) }
    #expect(error.category == .badParameter && error.message.contains(named))
  }
}
