internal import PonsKit
internal import PonsTorch
internal import Testing

@Suite struct StateDictTests {
  private final class Network: Layer {
    let blocks = [Linear(2, 3), Linear(3, 1)]
    let norm = BatchNorm(1)

    func list(in members: inout Members) {
      members.add("blocks", blocks)
      members.add("norm", norm)
    }
  }

  private func filled() throws -> StateDict {
    let network = Network()
    try network.initialize(Generator(seed: 1))
    return try network.stateDict()
  }

  private func renamed(_ state: StateDict, _ change: (String) -> String?) -> StateDict {
    var result = StateDict(source: "weights.safetensors")
    for (name, tensor) in state.entries { if let name = change(name) { result.set(name, tensor) } }
    return result
  }

  @Test func `loading shares the memory`() throws {
    let state = try filled()
    let network = Network()
    try network.load(state)
    try #require(state["blocks.0.bias"]).fill_(4)
    #expect(try network.blocks[0].bias?.value.array(of: Float.self) == [4, 4, 4])
  }

  @Test func `every missing, unexpected and misshapen name is reported, and nothing is changed`()
    throws
  {
    var state = try renamed(filled()) { $0 == "blocks.1.bias" ? nil : $0 }
    state.set("blocks.0.weight", try Tensor.zeros([2, 3]))
    state.set("blocks.7.weight", try Tensor.zeros([1]))
    let network = Network()
    let error = try #require(throws: StateDictError.self) { try network.load(state) }
    #expect(error.missing == ["blocks.1.bias"])
    #expect(error.unexpected == ["blocks.7.weight"])
    #expect(error.misshapen.map(\.name) == ["blocks.0.weight"])
    #expect(error.misshapen.map(\.found) == [[2, 3]])
    #expect(
      error.description
        == "weights.safetensors does not fit the network: 'blocks.0.weight' has the shape "
        + "[2, 3], expected [3, 2]; 1 tensors are missing: blocks.1.bias; 1 tensors are not expected: "
        + "blocks.7.weight")
    #expect(network.parameters.allSatisfy { !$0.parameter.isReady })
  }

  @Test func `names are translated by rules`() throws {
    let rules = [
      Renaming("model.layers.*.proj", "blocks.*"), Renaming("model.bn", "norm"),
    ]
    let state = try renamed(filled()) { name in
      let parts = name.split(separator: ".")
      return parts[0] == "blocks"
        ? "model.layers.\(parts[1]).proj.\(parts[2])" : "model.bn.\(parts[1])"
    }
    try Network().load(state, renaming: rules)
    let error = try #require(throws: StateDictError.self) { try Network().load(state) }
    #expect(error.unexpected.contains("model.layers.0.proj.weight"))
  }

  @Test(arguments: [
    ("a.3.b.c", "x.3.c"), ("a.b.c", "a.b.c"), ("a.3.b", "x.3"), ("aa.3.b", "aa.3.b"),
    ("gone.rest", "rest"),
  ])
  func `rules match whole components`(name: String, expected: String) {
    let rules = [Renaming("a.*.b", "x.*"), Renaming("gone", "")]
    #expect(Renaming.apply(rules, to: name) == expected)
  }

  @Test func `two names that mean the same are refused`() throws {
    var state = try filled()
    state.set("old.bias", try Tensor.zeros([3]))
    let error = try #require(throws: StateDictError.self) {
      try Network().load(state, renaming: [Renaming("old", "blocks.0")])
    }
    #expect(error.unexpected == ["old.bias (means the same as blocks.0.bias)"])
  }

  @Test func `ignored names and an absent counter are no errors`() throws {
    var state = try renamed(filled()) { $0.hasSuffix("num_batches_tracked") ? nil : $0 }
    state.set("teacher.weight", try Tensor.zeros([3]))
    try Network().load(state, ignoring: ["teacher."])
  }

  @Test func `half precision becomes single`() throws {
    var half = StateDict()
    for (name, tensor) in try filled().entries {
      half.set(name, tensor.type == .float32 ? try tensor.to(.float16) : tensor)
    }
    let network = Network()
    try network.load(half)
    #expect(try network.norm.weight.value.type == .float32)
  }
}
