internal import PonsKit
internal import PonsTorch
internal import TestFolders
internal import Testing

@Suite struct CheckpointTests {
  /// A network with dropout, trained on random numbers of its own generator.
  private final class Training {
    private final class Network: Layer {
      let first = Linear(4, 8)
      let norm = BatchNorm(8)
      let last = Linear(8, 1)
      let dropout: Dropout

      init(_ generator: Generator) { dropout = Dropout(0.5, generator) }

      func list(in members: inout Members) {
        members.add("first", first)
        members.add("norm", norm)
        members.add("last", last)
        members.add("dropout", dropout)
      }
    }

    private let generator: Generator
    private let network: Network
    private let optimizer: Adam

    init(seed: UInt64) throws {
      generator = try Generator(seed: seed)
      network = Network(generator)
      try network.initialize(generator)
      try network.setTraining(true)
      optimizer = AdamW(network.trained.map(\.parameter), learningRate: 0.01)
    }

    func step() throws {
      let x = try Tensor.empty([16, 4])
      try generator.fillNormal(x)
      let hidden = try network.norm(network.first(x)).relu()
      let loss = try (network.last(network.dropout(hidden)) - x.sum([1], keep: true)).pow(2).mean()
      try optimizer.zeroGradients()
      try loss.backward()
      optimizer.learningRate =
        0.01 * Schedule.cosine(total: 20, least: 0).factor(at: optimizer.steps)
      try optimizer.step()
    }

    func save(_ path: String) throws {
      try Checkpoint(network, optimizer, ["all": generator], facts: ["epoch": 3]).write(to: path)
    }

    func restore(_ path: String) throws -> Checkpoint {
      let checkpoint = try Checkpoint(path: path)
      try checkpoint.restore(network, optimizer, ["all": generator])
      try network.setTraining(true)
      return checkpoint
    }

    func bits() throws -> [UInt8] {
      try network.parameters.flatMap {
        try $0.parameter.value.detach().withBytes { Array($0) }
      }
    }
  }

  @Test func `training goes on bit by bit as if it had not stopped`() throws {
    let folder = try TemporaryFolder()
    let whole = try Training(seed: 1)
    for _ in 0..<10 { try whole.step() }

    let first = try Training(seed: 1)
    for _ in 0..<6 { try first.step() }
    try first.save(folder.path + "c.safetensors")
    let second = try Training(seed: 99)
    let checkpoint = try second.restore(folder.path + "c.safetensors")
    #expect(checkpoint.facts["epoch"] == 3)
    for _ in 0..<4 { try second.step() }
    #expect(try second.bits() == whole.bits())

    // Without the generator's place it would be another training.
    let third = try Training(seed: 99)
    for _ in 0..<10 { try third.step() }
    #expect(try third.bits() != whole.bits())
  }

  @Test func `a checkpoint of another network is refused`() throws {
    let folder = try TemporaryFolder()
    try Training(seed: 1).save(folder.path + "c.safetensors")
    let other = Linear(4, 4)
    try other.initialize(Generator(seed: 1))
    let optimizer = SGD(other.trained.map(\.parameter), learningRate: 1)
    let checkpoint = try Checkpoint(path: folder.path + "c.safetensors")
    #expect(throws: StateDictError.self) { try checkpoint.restore(other, optimizer) }
  }

  @Test func `a weight file is no checkpoint`() throws {
    let folder = try TemporaryFolder()
    var state = StateDict()
    state.set("x", try Tensor.of([1, 2, 3] as [Float]))
    try state.write(to: folder.path + "w.safetensors")
    #expect(throws: TorchError.self) { try Checkpoint(path: folder.path + "w.safetensors") }
  }
}
