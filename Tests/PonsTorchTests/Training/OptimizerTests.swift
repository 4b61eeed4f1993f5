internal import PonsKit
internal import PonsTorch
internal import TestTensors
internal import Testing

/// Against PyTorch's optimisers over ten steps. Rounding differs in the order of products: 1e-5.
@Suite struct OptimizerTests {
  private static let kinds: [String: @Sendable ([Parameter]) -> any Optimizer] = [
    "sgd": { SGD($0, learningRate: 0.05, momentum: 0.9, weightDecay: 1e-2) },
    "nesterov": { SGD($0, learningRate: 0.05, momentum: 0.9, nesterov: true) },
    "adam": { Adam($0, learningRate: 0.05, weightDecay: 1e-2) },
    "adamw": { AdamW($0, learningRate: 0.05, weightDecay: 0.1) },
  ]

  @Test(arguments: kinds.keys.sorted())
  func `ten steps with clipped gradients end where PyTorch's end`(name: String) throws {
    let fixture = try TensorFixture("training.safetensors", beside: #filePath)
    let layer = Linear(3, 5)
    try layer.weight.set(fixture("w").clone())
    try #require(layer.bias).set(fixture("b").clone())
    try layer.setTraining(true)
    let make = try #require(Self.kinds[name])
    let optimizer = make(layer.trained.map(\.parameter))
    var loss = 0.0
    for _ in 0..<10 {
      try optimizer.zeroGradients()
      let value = try (layer(fixture("x")).tanh() - fixture("y")).pow(2).mean()
      try value.backward()
      try optimizer.clipGradients(norm: 0.5)
      try optimizer.step()
      loss = try value.item()
    }
    #expect(optimizer.steps == 10)
    #expect(abs(try fixture("\(name).loss").item() - loss) < 1e-5)
    #expect(try relativeError(layer.weight.value.detach(), fixture("\(name).w")) < 1e-5)
    #expect(try relativeError(#require(layer.bias).value.detach(), fixture("\(name).b")) < 1e-5)
  }

  @Test(arguments: [
    ("step", Schedule.step(every: 3, factor: 0.1)),
    ("polynomial", .polynomial(total: 10, power: 0.9)),
    ("cosine", .cosine(total: 12, least: 0)),
  ])
  func `schedules are PyTorch's`(name: String, schedule: Schedule) throws {
    let expected = try TensorFixture("training.safetensors", beside: #filePath)(name)
      .array(of: Double.self)
    #expect(expected.count == 12)
    for (step, factor) in expected.enumerated() {
      #expect(abs(schedule.factor(at: step) - factor) < 1e-12, "step \(step)")
    }
  }
}
