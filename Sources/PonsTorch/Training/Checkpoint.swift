public import PonsKit
internal import PonsWeights

/// Everything that training needs in order to go on as if it had never stopped: the network's parameters and buffers, what the
/// optimiser remembers, where every generator is in its sequence, and numbers of the caller (an epoch, the best loss).
///
/// Training that goes on from a checkpoint gives the same bits as training that ran through, with the same LibTorch, BLAS and
/// number of threads.
public struct Checkpoint: Sendable {
  /// Numbers and texts of the caller.
  public var facts: [String: JSON]
  private var state: StateDict
  private static let format = "pons-checkpoint-2"

  /// A copy of where training is.
  ///
  /// - Parameters:
  ///   - generators: by names that stay the same.
  ///   - facts: whatever else must go on, as JSON.
  public init(
    _ network: any Layer, _ optimizer: any Optimizer, _ generators: [String: Generator] = [:],
    facts: [String: JSON] = [:]
  ) throws {
    self.facts = facts
    state = StateDict(source: "a checkpoint")
    for (name, parameter) in network.parameters {
      state.set("network.\(name)", try parameter.value.detach().clone())
    }
    for (kind, tensors) in optimizer.memory {
      for (index, tensor) in tensors.enumerated() {
        state.set("optimizer.\(kind).\(index)", try tensor.clone())
      }
    }
    for (name, generator) in generators {
      state.set("generator.\(name)", try generator.state())
    }
    self.facts["steps"] = .integer(Int64(optimizer.steps))
    self.facts["learning_rate"] = .number(optimizer.learningRate)
  }

  /// Puts everything back.
  ///
  /// - Throws: ``StateDictError`` or ``TorchError`` when the checkpoint is of another network, optimiser or generators.
  public func restore(
    _ network: any Layer, _ optimizer: any Optimizer, _ generators: [String: Generator] = [:]
  ) throws {
    let saved = state.section("network.")
    var copy = StateDict(source: state.source)
    for (name, tensor) in saved.entries { copy.set(name, try tensor.clone()) }
    try network.load(copy)
    var memory: [String: [Tensor]] = [:]
    for (name, tensor) in state.section("optimizer.").entries {
      let kind = String(name.prefix { $0 != "." })
      memory[kind, default: []].append(try tensor.clone())
    }
    if let wrong = memory.first(where: { $0.value.count != optimizer.parameters.count }) {
      throw TorchError(
        "checkpoint",
        "'\(wrong.key)' is there for \(wrong.value.count) parameters, the network trains "
          + "\(optimizer.parameters.count)")
    }
    optimizer.memory = memory
    optimizer.steps = Int(facts["steps"]?.integer ?? 0)
    optimizer.learningRate = facts["learning_rate"]?.number ?? optimizer.learningRate
    let states = state.section("generator.")
    for (name, generator) in generators {
      guard let state = states[name] else {
        throw TorchError("checkpoint", "it has no state of the generator '\(name)'")
      }
      try generator.restore(state)
    }
  }

  /// Writes a safetensors file, under a temporary name first.
  public func write(to path: String) throws {
    try state.write(
      to: path,
      metadata: [
        "format": Self.format, "facts": JSON.object(facts).canonical,
        "checksum": try Self.checksum(of: state),
      ])
  }

  /// Reads a file that ``write(to:)`` wrote.
  ///
  /// - Throws: `WeightError` when the file is damaged, ``TorchError`` when it is no checkpoint.
  public init(path: String) throws {
    let file = try WeightFile(path: path)
    guard file.metadata["format"]?.string == Self.format,
      let text = file.metadata["facts"]?.string,
      let facts = try JSON(parsing: Array(text.utf8)).object
    else {
      throw TorchError("checkpoint", "the file holds tensors, but no checkpoint of a training")
    }
    self.facts = facts
    state = try StateDict(file)
    if try Self.checksum(of: state) != file.metadata["checksum"]?.string {
      throw TorchError(
        "checkpoint", "the file is damaged: its tensors are not those that were written")
    }
  }

  /// Finds damage, not intent: FNV-1a over the tensors' bytes in words of eight, in the order of their names.
  private static func checksum(of state: StateDict) throws -> String {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ word: UInt64) { sum = (sum ^ word) &* 0x0000_0100_0000_01b3 }
    for (name, tensor) in state.entries.sorted(by: { $0.name < $1.name }) {
      for byte in name.utf8 { add(UInt64(byte)) }
      try tensor.detach().on(.cpu).contiguous().withBytes { bytes in
        let words = bytes.count / 8
        for index in 0..<words {
          add(bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        for byte in bytes[(words * 8)...] { add(UInt64(byte)) }
      }
    }
    return String(sum, radix: 16)
  }
}
