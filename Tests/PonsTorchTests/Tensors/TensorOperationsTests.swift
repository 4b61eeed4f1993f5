internal import PonsKit
internal import PonsTorch
internal import TestTensors
internal import Testing

/// Against PyTorch. Float32 sums of at most a few hundred products: 1e-5 of the largest element is some ten times what
/// another order of summation changes.
@Suite struct TensorOperationsTests {
  private static let fixture = Result {
    try TensorFixture("operations.safetensors", beside: #filePath)
  }

  private typealias Operation = @Sendable (TensorFixture) throws -> Tensor

  private static let operations: [String: Operation] = [
    "exp": { try $0("x").exp() }, "log": { try $0("x").abs().log() },
    "sigmoid": { try $0("x").sigmoid() }, "tanh": { try $0("x").tanh() },
    "relu": { try $0("x").relu() }, "gelu": { try $0("x").gelu() },
    "gelu_tanh": { try $0("x").gelu(tanh: true) }, "quick_gelu": { try $0("x").quickGelu() },
    "silu": { try $0("x").silu() }, "leaky": { try $0("x").leakyRelu() },
    "round": { try ($0("x") * 3).round() }, "clamp": { try $0("x").clamp(-0.5, 0.25) },
    "softmax": { try $0("x").softmax(1) }, "log_softmax": { try $0("x").logSoftmax(-1) },
    "variance": { try $0("x").variance([2, 3]) }, "mean": { try $0("x").mean([0, 2], keep: true) },
    "amax": { try $0("x").max([1, 3]) }, "norm": { try $0("x").norm([1]) },
    "cumsum": { try $0("x").cumulativeSum(2) }, "argmax": { try $0("x").argmax(1) },
    "matmul": { try $0("m").matmul($0("m").transpose()) },
    "baddbmm": { try $0("b4").baddbmm($0("m"), $0("m").transpose(), beta: 0.5, alpha: 2) },
    "flip": { try $0("x").flip([2, 3]) }, "rot90": { try $0("x").rot90(1, 2, 3) },
    "roll": { try $0("x").roll([1, -2], [2, 3]) },
    "pad": { try $0("x").pad([1, 2, 0, 3], value: 7) },
    "cat": { try Tensor.cat([$0("x"), $0("x") * 2], 1) },
    "stack": { try Tensor.stack([$0("m"), $0("m") + 1], 1) },
    "repeat": { try $0("m").repeatInterleave(3, 1) },
    "slice": { try $0("x").slice(2, from: 1, to: 5, step: 2) },
    "linear": { try $0("x").linear($0("wl"), $0("bl")) },
    "conv2d": {
      try $0("x").convolution(
        $0("w2"), $0("b6"), stride: [2, 2], padding: [1, 1], dilation: [1, 1], groups: 2)
    },
    "conv2d_dilated": {
      try $0("x").convolution(
        $0("w3").select(2, 0), nil, stride: [1, 1], padding: [2, 2], dilation: [2, 2])
    },
    "conv3d": {
      try $0("v").convolution(
        $0("w3"), nil, stride: [1, 1, 1], padding: [1, 1, 1], dilation: [1, 1, 1])
    },
    "conv_transpose2d": {
      try $0("x").transposedConvolution(
        $0("wt"), nil, stride: [2, 2], padding: [0, 0], outputPadding: [1, 1], dilation: [1, 1])
    },
    "batch_norm": {
      try $0("x").batchNorm(
        $0("gamma"), $0("b4"), runningMean: $0("mean"), runningVariance: $0("var"),
        training: false, momentum: 0.1, eps: 1e-5)
    },
    "layer_norm": { try $0("x").transpose(1, 3).layerNorm([4], $0("gamma"), $0("b4"), eps: 1e-5) },
    "layer_norm_2d": {
      let layer = LayerNorm2d(4)
      try layer.weight.set($0("gamma"))
      try layer.bias.set($0("b4"))
      return try layer($0("x"))
    },
    "instance_norm": { try $0("v").instanceNorm($0("gamma"), $0("b4"), eps: 1e-5) },
    "group_norm": { try $0("v").groupNorm(2, $0("gamma"), $0("b4"), eps: 1e-5) },
    "attention": { try $0("q").attention($0("k"), $0("value"), bias: $0("bias")) },
    "nearest": { try $0("x").upsample(to: [11, 7], .nearest) },
    "bilinear": { try $0("x").upsample(to: [11, 7], .linear) },
    "bilinear_corners": { try $0("x").upsample(to: [11, 7], .linear, alignCorners: true) },
    "bilinear_antialias": { try $0("x").upsample(to: [3, 2], .linear, antialias: true) },
    "bicubic": { try $0("x").upsample(to: [11, 7], .bicubic) },
    "bicubic_antialias": { try $0("x").upsample(to: [3, 2], .bicubic, antialias: true) },
    "trilinear": { try $0("v").upsample(to: [8, 12, 10], .linear) },
    "max_pool2d": { try $0("x").maxPool([3, 3], stride: [2, 2], padding: [1, 1]) },
    "max_pool3d": { try $0("v").maxPool([2, 2, 2], stride: [2, 2, 2], padding: [0, 0, 0]) },
    "avg_pool2d": { try $0("x").averagePool([2, 2], stride: [2, 2], padding: [0, 0]) },
    "avg_pool3d": { try $0("v").averagePool([2, 2, 2], stride: [2, 2, 2], padding: [0, 0, 0]) },
    "cross_entropy": {
      try $0("logits").crossEntropy($0("classes"), weight: $0("weights"), smoothing: 0.1)
    },
    "bce": { try $0("x").binaryCrossEntropy($0("x").sigmoid().round()) },
  ]

  @Test(arguments: operations.keys.sorted())
  func `an operation gives what PyTorch gives`(name: String) throws {
    let fixture = try Self.fixture.get()
    let operation = try #require(Self.operations[name])
    let found = try withoutGradients { try operation(fixture) }
    #expect(try relativeError(found, fixture("\(name).out")) < 1e-5)
  }

  @Test func `every stored operation is tried`() throws {
    let stored = try Self.fixture.get().state.entries.map(\.name).filter { $0.hasSuffix(".out") }
    #expect(Set(stored) == Set(Self.operations.keys.map { "\($0).out" }))
  }
}
