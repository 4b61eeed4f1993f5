internal import PonsTorch
internal import SAM
internal import TestTensors
internal import Testing

/// Small networks with the weights of the reference implementations; see Fixtures/make.py.
///
/// 1e-4 of the largest element: float32 sums in another order.
@Suite struct SAMModelTests {
  private static let tolerance = 1e-4

  /// The transformers library's, by the names of Hugging Face.
  private struct Plain {
    let fixture: TensorFixture
    let model: SAMModel

    init() throws {
      fixture = try TensorFixture("sam.safetensors", beside: #filePath)
      var vit = ViTConfiguration()
      (vit.imageSize, vit.patchSize, vit.width, vit.depth, vit.heads) = (64, 8, 24, 2, 2)
      (vit.hidden, vit.window, vit.globalBlocks, vit.outputs) = (40, 3, [1], 16)
      var configuration = SAMConfiguration(.vit(vit))
      (configuration.width, configuration.maskChannels) = (16, 8)
      (configuration.decoderHeads, configuration.decoderHidden) = (2, 24)
      (configuration.qualityHidden, configuration.decoderEps) = (12, 1e-6)
      model = SAMModel(configuration)
      try model.load(weights: fixture.state.section("state."))
    }

    func points() throws -> [[Prompt.Mark]] {
      let places: [Float] = try fixture("points").array()
      let labels: [Float] = try fixture("labels").array()
      return (0..<2).map { prompt in
        (0..<2).map { point in
          let number = 2 * prompt + point
          return Prompt.Mark(
            places[2 * number], places[2 * number + 1],
            labels[number] == 1 ? .foreground : .background)
        }
      }
    }

    func boxes() throws -> [[Float]] { try SAMModelTests.boxes(fixture) }

    /// The reference's embedding, so that a difference of the encoders does not count twice.
    func embedding() throws -> Tensor { try SAMModelTests.embedding(fixture) }

    func expect(
      _ name: String, _ answer: (logits: Tensor, quality: Tensor),
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let logits = try relativeError(answer.logits, fixture("\(name).logits"))
      let quality = try relativeError(answer.quality, fixture("\(name).quality"))
      #expect(logits < tolerance, sourceLocation: sourceLocation)
      #expect(quality < tolerance, sourceLocation: sourceLocation)
    }
  }

  private static func boxes(_ fixture: TensorFixture) throws -> [[Float]] {
    let values: [Float] = try fixture("boxes").array()
    return stride(from: 0, to: values.count, by: 4).map { Array(values[$0..<$0 + 4]) }
  }

  private static func embedding(_ fixture: TensorFixture) throws -> Tensor {
    try fixture("embedding").flatten(2).transpose(1, 2).contiguous()
  }

  @Test func `the plain encoder: windows with padding, whole image, relative positions`() throws {
    let plain = try Plain()
    let found = try plain.model.embed(plain.fixture("image").permute([0, 2, 3, 1]))
    #expect(try relativeError(found, plain.embedding()) < Self.tolerance)
  }

  @Test func `three masks for each of several lists of points`() throws {
    let plain = try Plain()
    try plain.expect(
      "points",
      plain.model.masks(plain.embedding(), plain.points().map { Prompt(points: $0) }, several: true)
    )
  }

  @Test func `one mask for each of several boxes in one call`() throws {
    let plain = try Plain()
    try plain.expect(
      "boxes", plain.model.masks(plain.embedding(), plain.boxes().map { Prompt(box: $0) }))
  }

  @Test func `points, a box and an earlier mask together`() throws {
    let plain = try Plain()
    let prompt = Prompt(points: try plain.points()[0], box: try plain.boxes()[0])
    try plain.expect(
      "all", plain.model.masks(plain.embedding(), [prompt], masks: plain.fixture("mask")))
  }

  @Test func `the small encoder and the decoder by the names of the original`() throws {
    let fixture = try TensorFixture("tinyvit.safetensors", beside: #filePath)
    let model = SAMModel(Self.small)
    try model.load(weights: TensorFixture("tinyvit-weights.safetensors", beside: #filePath).state)
    let found = try model.embed(fixture("image").permute([0, 2, 3, 1]))
    #expect(try relativeError(found, Self.embedding(fixture)) < Self.tolerance)
    let answer = try model.masks(
      Self.embedding(fixture), Self.boxes(fixture).map { Prompt(box: $0) })
    #expect(try relativeError(answer.logits, fixture("boxes.logits")) < Self.tolerance)
    #expect(try relativeError(answer.quality, fixture("boxes.quality")) < Self.tolerance)
  }

  private static var small: SAMConfiguration {
    var tiny = TinyViTConfiguration()
    (tiny.imageSize, tiny.widths, tiny.depths) = (32, [8, 8, 16], [1, 2, 1])
    (tiny.heads, tiny.windows, tiny.outputs) = ([1, 2, 2], [7, 7, 5], 16)
    var configuration = SAMConfiguration(.tinyViT(tiny))
    (configuration.width, configuration.maskChannels) = (16, 8)
    (configuration.decoderHeads, configuration.decoderHidden) = (2, 24)
    configuration.qualityHidden = 12
    return configuration
  }

  @Test func `a network's names are those of the original SAM`() {
    let names = Set(SAMModel(SAMConfiguration(.vit(ViTConfiguration()))).parameters.map(\.name))
    // Some of each kind, from sam_vit_b_01ec64.pth; it has 314.
    let some = [
      "image_encoder.pos_embed", "image_encoder.patch_embed.proj.weight",
      "image_encoder.blocks.11.norm1.weight", "image_encoder.blocks.0.attn.rel_pos_h",
      "image_encoder.blocks.0.attn.qkv.bias", "image_encoder.blocks.3.mlp.lin2.weight",
      "image_encoder.neck.3.bias",
      "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
      "prompt_encoder.point_embeddings.3.weight", "prompt_encoder.mask_downscaling.6.weight",
      "mask_decoder.transformer.layers.1.cross_attn_image_to_token.q_proj.weight",
      "mask_decoder.transformer.final_attn_token_to_image.out_proj.bias",
      "mask_decoder.output_upscaling.3.weight",
      "mask_decoder.output_hypernetworks_mlps.3.layers.2.weight",
      "mask_decoder.iou_prediction_head.layers.2.bias",
    ]
    #expect(names.count == 314)
    for name in some { #expect(names.contains(name)) }
  }

  @Test func `sizes are told by the weights' shapes`() throws {
    let weights = try TensorFixture("tinyvit-weights.safetensors", beside: #filePath).state
    var small = Self.small
    // What shapes do not tell; and the first stage has no windows.
    guard case .tinyViT(var tiny) = small.encoder else { return }
    (tiny.imageSize, tiny.windows[0]) = (256, 1)
    (small.encoder, small.decoderHeads) = (.tinyViT(tiny), 8)
    #expect(try SAMConfiguration(weights: weights) == small)

    let plain = try Plain()
    var found = try SAMConfiguration(weights: plain.fixture.state.section("state."))
    found.decoderHeads = 2
    #expect(found == plain.model.configuration)
  }

  @Test func `weights that do not fit are refused by name`() throws {
    let state = try TensorFixture("tinyvit-weights.safetensors", beside: #filePath).state
    var other = StateDict(source: "other.pth")
    for (name, tensor) in state.entries where name != "mask_decoder.iou_token.weight" {
      other.set(name, tensor)
    }
    let error = try #require(throws: StateDictError.self) {
      try SAMModel(Self.small).load(weights: other)
    }
    #expect(error.missing == ["mask_decoder.iou_token.weight"])
    #expect(error.description.contains("other.pth"))
  }
}
