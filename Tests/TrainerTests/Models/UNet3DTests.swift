internal import PonsTorch
internal import TestTensors
internal import Testing
internal import Trainer

/// Against the same network of PyTorch's modules. Float32: 1e-4 of the largest element.
@Suite struct UNet3DTests {
  private static func configuration(_ name: String) -> UNet3D.Configuration {
    UNet3D.Configuration(
      inputs: 1, classes: 2, channels: name == "plain" ? [4, 6, 8] : [4, 8], dropout: 0,
      stemStride: name == "plain" ? 1 : 2)
  }

  @Test(arguments: ["plain", "stem"])
  func `logits and one training step are PyTorch's`(name: String) throws {
    let fixture = try TensorFixture("unet.safetensors", beside: #filePath)
    let network = try UNet3D(Self.configuration(name), Generator(seed: 1))
    var state = StateDict()
    for (key, tensor) in fixture.state.section("\(name).state.").entries {
      state.set(key, try tensor.clone())
    }
    try network.load(state)
    try network.setTraining(true)
    let classes = try fixture("\(name).y")
    let logits = try network(fixture("\(name).x"))
    #expect(try relativeError(logits.detach(), fixture("\(name).logits")) < 1e-4)

    let loss = try logits.crossEntropy(classes) + softDice(logits, classes)
    #expect(try relativeError(loss.detach(), fixture("\(name).loss")) < 1e-4)
    let optimizer = SGD(
      network.trained.map(\.parameter), learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4)
    try loss.backward()
    try optimizer.step()
    for (key, parameter) in network.parameters {
      let expected = try fixture("\(name).after.\(key)")
      #expect(try relativeError(parameter.value.detach(), expected) < 1e-4, "\(key)")
    }
  }

  @Test func `CLISC's network takes multiples of 16`() throws {
    let network = try UNet3D(.clisc, Generator(seed: 1))
    #expect(network.configuration.multiple == 16)
    #expect(throws: TorchError.self) { try network(Tensor.zeros([1, 1, 16, 16, 24])) }
  }

  @Test(arguments: [(0.003, 0.003), (0, 1e-4), (0.9, 0.5)])
  func `a network with a prior begins with the share of the foreground`(
    share: Double, expected: Double
  ) throws {
    let generator = try Generator(seed: 1)
    let network = UNet3D(
      UNet3D.Configuration(inputs: 1, classes: 2, channels: [4, 8], dropout: 0, stemStride: 1),
      generator)
    try network.initialize(generator)
    try network.setPrior(share)
    let state = try network.stateDict()
    let bias = try #require(state["head.bias"])
    // With features of 0 nothing but the bias answers.
    let answer = try bias.softmax(0).select(0, 1).item()
    #expect(abs(answer - expected) < 1e-6)
  }
}
