internal import PonsKit
internal import PonsTorch
internal import TestTensors
internal import Testing

@Suite struct LayerTests {
  /// Two linear layers with a normalisation between.
  private final class Network: Layer {
    let first = Linear(3, 4)
    let norm = BatchNorm(4)
    let rest = [Linear(4, 2, bias: false)]

    func list(in members: inout Members) {
      members.add("first", first)
      members.add("norm", norm)
      members.add("rest", rest)
    }

    func callAsFunction(_ x: Tensor) throws -> Tensor { try rest[0](norm(first(x)).relu()) }
  }

  @Test func `names are those of PyTorch's state dict`() {
    #expect(
      Network().parameters.map(\.name) == [
        "first.weight", "first.bias", "norm.weight", "norm.bias", "norm.running_mean",
        "norm.running_var", "norm.num_batches_tracked", "rest.0.weight",
      ])
    #expect(Network().trainedCount == 3 * 4 + 4 + 4 + 4 + 8)
  }

  @Test func `a network without weights says so`() throws {
    let error = try #require(throws: TorchError.self) { try Network()(Tensor.zeros([1, 3])) }
    #expect(error.message.contains("load weights"))
  }

  @Test func `the same seed makes the same weights`() throws {
    func weights(_ seed: UInt64) throws -> [Float] {
      let network = Network()
      try network.initialize(Generator(seed: seed))
      return try network.parameters.flatMap {
        try $0.parameter.value.to(.float32).array(of: Float.self)
      }
    }
    #expect(try weights(3) == weights(3))
    #expect(try weights(3) != weights(4))
  }

  @Test func `a linear layer begins within its bound`() throws {
    let layer = Linear(400, 50)
    try layer.initialize(Generator(seed: 1))
    #expect(try layer.weight.value.abs().max().item() <= 0.05)
    // The deviation of an even distribution within 0.05 is 0.0289.
    #expect(abs(try layer.weight.value.variance().item().squareRoot() - 0.0289) < 0.001)
  }

  @Test func `batch normalisation trains as PyTorch's does`() throws {
    let fixture = try TensorFixture("training.safetensors", beside: #filePath)
    let norm = BatchNorm(2)
    try norm.initialize(Generator(seed: 1))
    try norm.setTraining(true)
    #expect(try relativeError(norm(fixture("bn.x")).detach(), fixture("bn.out")) < 1e-5)
    #expect(try relativeError(norm.runningMean.value, fixture("bn.mean")) < 1e-5)
    #expect(try relativeError(norm.runningVariance.value, fixture("bn.var")) < 1e-5)
    #expect(try norm.stateDict()["num_batches_tracked"]?.item() == 1)
  }

  @Test func `a folded convolution does the work of both`() throws {
    let generator = try Generator(seed: 5)
    let conv = Conv2d(3, 4, kernel: 3, padding: 1, bias: false)
    let norm = BatchNorm(4)
    try conv.initialize(generator)
    try norm.initialize(generator)
    try generator.fillUniform(try norm.runningMean.value, -1, 1)
    try generator.fillUniform(try norm.runningVariance.value, 0.5, 2)
    try generator.fillUniform(try norm.weight.value, 0.5, 2)
    let x = try Tensor.empty([1, 3, 5, 6])
    try generator.fillNormal(x)
    let (weight, bias) = try conv.folded(norm)
    let found = try x.convolution(
      weight, bias, stride: [1, 1], padding: [1, 1], dilation: [1, 1])
    #expect(try relativeError(found, norm(conv(x))) < 1e-5)
  }

  @Test func `dropout keeps the mean, is off in use, and goes on from a state`() throws {
    let generator = try Generator(seed: 9)
    let dropout = Dropout(0.25, generator)
    let x = try Tensor.ones([20_000])
    #expect(try dropout(x).array(of: Float.self) == x.array(of: Float.self))
    try dropout.setTraining(true)
    let state = try generator.state()
    let first = try dropout(x).array(of: Float.self)
    #expect(Set(first) == [0, 1 / 0.75])
    #expect(abs(first.reduce(0, +) / 20_000 - 1) < 0.02)
    try generator.restore(state)
    #expect(try dropout(x).array(of: Float.self) == first)
  }

  @Test func `attention with heads is attention of each head`() throws {
    let layer = MultiHeadAttention(6, heads: 2)
    try layer.initialize(Generator(seed: 2))
    let x = try Tensor.empty([1, 4, 6])
    try Generator(seed: 3).fillNormal(x)
    let state = try layer.stateDict()
    func project(_ x: Tensor, _ name: String) throws -> Tensor {
      try x.linear(#require(state["\(name).weight"]), state["\(name).bias"])
    }
    var heads: [Tensor] = []
    for head in 0..<2 {
      func part(_ name: String) throws -> Tensor {
        try project(x, name).slice(2, from: 3 * head, to: 3 * head + 3)
      }
      let weights = try (part("q_proj").matmul(part("k_proj").transpose()) / 3.0.squareRoot())
        .softmax(-1)
      heads.append(try weights.matmul(part("v_proj")))
    }
    let joined = try Tensor.cat(heads, 2)
    let expected = try project(joined, "out_proj")
    #expect(try relativeError(layer(x, x, x), expected) < 1e-5)
  }
}
