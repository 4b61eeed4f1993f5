internal import CAM
internal import PonsTorch
internal import TestTensors
internal import Testing

/// Against torchvision's classes. Some twenty convolutions in float32: 1e-4 of the largest element.
@Suite struct ResNetTests {
  private static func configuration(_ name: String) -> ResNet.Configuration {
    ResNet.Configuration(
      blocks: name == "basic" ? [1, 2, 1, 1] : [1, 1, 2, 1], isBottleneck: name == "bottleneck",
      inputs: 3, width: 4, stemPools: true, pooling: .average, hidden: [], dropout: 0, classes: 2)
  }

  @Test(arguments: ["basic", "bottleneck"])
  func `features, logits and derivatives are torchvision's`(name: String) throws {
    let fixture = try TensorFixture("resnet.safetensors", beside: #filePath)
    let network = try ResNet(Self.configuration(name), Generator(seed: 1))
    try network.load(fixture.state.section("\(name).state."))
    let x = try fixture("\(name).x")
    let features = try network.activations(of: x, at: "layer2")
    #expect(try relativeError(features, fixture("\(name).layer2")) < 1e-4)
    #expect(try relativeError(network(x), fixture("\(name).logits")) < 1e-4)

    let leaf = try features.detach()
    try leaf.setRequiresGrad_(true)
    let score = try network.logits(from: leaf, at: "layer2").select(1, 1).sum()
    let gradient = try #require(try score.gradients(by: [leaf])[0])
    #expect(try relativeError(gradient, fixture("\(name).gradient")) < 1e-4)
  }

  @Test func `the sizes of the paper`() throws {
    let generator = try Generator(seed: 1)
    #expect(ResNet(.resNet18(classes: 1000), generator).trainedCount == 11_689_512)
    #expect(ResNet(.resNet50(classes: 1000), generator).trainedCount == 25_557_032)
  }

  @Test func `training begins with copies of given weights, under a head of its own`() throws {
    let fixture = try TensorFixture("resnet.safetensors", beside: #filePath)
    let given = fixture.state.section("basic.state.")
    var configuration = Self.configuration("basic")
    configuration.hidden = [8]
    let network = try ResNet(configuration, Generator(seed: 1))
    try network.initialize(Generator(seed: 1))
    let head = try #require(network.stateDict()["fc.0.weight"]).array(of: Float.self)
    try network.begin(with: given)
    let state = try network.stateDict()
    let stem = try #require(state["conv1.weight"])
    let original = try #require(given["conv1.weight"]).array(of: Float.self)
    #expect(try stem.array(of: Float.self) == original)
    #expect(try state["fc.0.weight"]?.array(of: Float.self) == head)
    try stem.multiply_(0)
    #expect(try given["conv1.weight"]?.array(of: Float.self) == original)

    let other = try ResNet(Self.configuration("bottleneck"), Generator(seed: 1))
    try other.initialize(Generator(seed: 1))
    let error = try #require(throws: StateDictError.self) { try other.begin(with: given) }
    #expect(error.missing.contains("layer1.0.conv3.weight"))
  }

  @Test func `a layer that is not there is named`() throws {
    let network = try ResNet(Self.configuration("basic"), Generator(seed: 1))
    let error = try #require(throws: TorchError.self) {
      try network.activations(of: Tensor.zeros([1, 3, 32, 32]), at: "layer9")
    }
    #expect(error.message.contains("layer1, layer2, layer3, layer4"))
  }

  @Test func `hidden layers have the names of a Sequential`() throws {
    var configuration = ResNet.Configuration.resNet18(classes: 2)
    configuration.hidden = [256]
    configuration.pooling = .averageAndMax
    let network = try ResNet(configuration, Generator(seed: 1))
    let names = network.parameters.map(\.name).filter { $0.hasPrefix("fc.") }
    #expect(names == ["fc.0.weight", "fc.0.bias", "fc.3.weight", "fc.3.bias"])
    #expect(network.parameters.last { $0.name == "fc.0.weight" }?.parameter.shape == [256, 1024])
  }
}
