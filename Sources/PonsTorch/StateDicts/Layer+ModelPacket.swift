public import PonsKit

extension InputPacket where Kind == ModelKind {
  /// Refuses a model of another architecture.
  ///
  /// - Throws: `StageFailure` of category `badInput`, BAD_MODEL.
  public func require(architecture wanted: String) throws {
    let found = try architecture
    if found != wanted {
      throw StageFailure(
        .badInput, code: "BAD_MODEL", "the model is a '\(found)', expected a '\(wanted)'",
        port: "model")
    }
  }

  /// Puts the packet's tensors under a network, without a copy; the packet stays as long as they do.
  ///
  /// - Throws: `StageFailure` of category `badInput`, BAD_MODEL, when they do not fit.
  public func load(into network: any Layer) throws {
    try retain()
    var state = StateDict(source: "the model packet")
    for name in tensorNames { state.set(name, try .borrowing(tensor(name))) }
    do {
      try network.load(state)
    } catch let error as StateDictError {
      throw StageFailure(.badInput, code: "BAD_MODEL", error.description, port: "model")
    }
  }
}

extension Context {
  /// Sends a network as a model packet: its state dict, with what the metadata say of it (`architecture` at least).
  public func send(
    _ port: Output<ModelKind>, network: any Layer, metadata: [String: JSON]
  ) throws {
    let state = try network.stateDict()
    let requests = state.entries.compactMap { name, tensor in
      tensor.type.map { TensorRequest(name, $0, tensor.shape) }
    }
    try send(port, tensors: requests, metadata: metadata) { draft in
      for (name, tensor) in state.entries {
        try tensor.detach().withBytes { try draft.bytes(name).copyMemory(from: $0) }
      }
    }
  }
}
