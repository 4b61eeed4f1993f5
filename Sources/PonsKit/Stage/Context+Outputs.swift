internal import CPons

extension Context {
  /// Whether somebody reads the output; when not, the work for it can be spared.
  public func wanted<Kind>(_ port: Output<Kind>) -> Bool {
    port.name.withPonsString { host.pointee.wanted(handle, $0) } != 0
  }

  /// Sends a packet: allocates its tensors, lets `fill` write them, and seals it. Nothing is sent when `fill` throws.
  ///
  /// - Parameters:
  ///   - port: where it goes.
  ///   - caseKey: nil for the case of this call; a key of an input on PER_CASE ports of a stage with ALL inputs; a short
  ///     label on NEW_CASES ports, or a whole key where the port sends those.
  ///   - tensors: what to allocate; not cleared.
  ///   - metadata: what matters for the result; `fill` may add to it.
  ///   - sidecar: provenance and patient data; `fill` may add to it.
  ///   - fill: writes the tensors, and may shrink them.
  public func send<Kind>(
    _ port: Output<Kind>, caseKey: String? = nil, tensors: [TensorRequest],
    metadata: [String: JSON] = [:], sidecar: [String: JSON] = [:],
    _ fill: (inout OutputDraft) throws -> Void
  ) throws {
    let builder = try begin(port.name, caseKey: caseKey, tensors: tensors)
    var draft = OutputDraft(
      host: host, builder: builder, tensors: tensors, metadata: metadata, sidecar: sidecar)
    do {
      try fill(&draft)
    } catch {
      host.pointee.discard(builder)
      throw error
    }
    try seal(draft)
  }

  /// Sends a table.
  public func send(
    _ port: Output<TableKind>, caseKey: String? = nil, table: Table, metadata: [String: JSON] = [:],
    sidecar: [String: JSON] = [:]
  ) throws {
    let columns = table.columns.map(Table.tensor(of:))
    let metadata = metadata.merging(table.metadata) { _, own in own }
    try send(
      port, caseKey: caseKey, tensors: columns.map(\.0), metadata: metadata, sidecar: sidecar
    ) { draft in
      for (request, bytes) in columns { try draft.bytes(request.name).copyBytes(from: bytes) }
    }
  }

  /// Sends files that were written to the scratch folder; the host takes them and adds sizes and digests.
  ///
  /// - Parameters:
  ///   - names: relative to ``scratch``.
  ///   - metadata: what else is to be said.
  public func sendFiles(
    _ port: Output<FilesKind>, caseKey: String? = nil, names: [String],
    metadata: [String: JSON] = [:], sidecar: [String: JSON] = [:]
  ) throws {
    var metadata = metadata
    metadata["files"] = .array(names.map { ["name": .string($0)] })
    try send(
      port, caseKey: caseKey, tensors: [], metadata: metadata, sidecar: sidecar
    ) { _ in }
  }

  /// Sends a packet that came in, as it is, without a copy. Only ports that send whole keys of cases change the case that
  /// it belongs to.
  public func forward<In, Out>(
    _ packet: InputPacket<In>, to port: Output<Out>, caseKey: String? = nil
  ) throws {
    try HostRefusal.check(
      port.name.withPonsString { port in
        (caseKey ?? "").withPonsString {
          host.pointee.forward(handle, port, $0, packet.handle.packet)
        }
      })
  }

  // MARK: Verdicts

  /// Records that a filter keeps a case, so that a report can show the whole distribution.
  public func keep(
    score: Double? = nil, rank: Int? = nil, reason: String = "", caseKey: String? = nil
  ) throws {
    try record(Verdict(caseKey: caseKey, .keep, score: score, rank: rank, reason: reason))
  }

  /// Removes a case from this stage's outgoing edges. It must get no packet on PER_CASE ports.
  public func drop(
    score: Double? = nil, rank: Int? = nil, reason: String = "", caseKey: String? = nil
  ) throws {
    try record(Verdict(caseKey: caseKey, .drop, score: score, rank: rank, reason: reason))
  }

  /// Says that a selection rule does not choose a case.
  public func notSelected(
    score: Double? = nil, rank: Int? = nil, reason: String = "", caseKey: String? = nil
  ) throws {
    try record(Verdict(caseKey: caseKey, .notSelected, score: score, rank: rank, reason: reason))
  }

  /// Records a decision about a case.
  public func record(_ verdict: Verdict) throws {
    try (verdict.caseKey ?? "").withPonsString { key in
      try verdict.reason.withPonsString { reason in
        var record = pons_verdict()
        record.size = UInt64(MemoryLayout<pons_verdict>.size)
        record.case_key = key
        record.decision = verdict.decision.rawValue
        record.score = verdict.score ?? .nan
        record.rank = Int64(verdict.rank ?? 0)
        record.reason = reason
        try HostRefusal.check(host.pointee.verdict(handle, &record))
      }
    }
  }

  // MARK: Building

  private func begin(_ port: String, caseKey: String?, tensors: [TensorRequest]) throws
    -> pons_builder
  {
    try Arena.with { arena in
      let requests: [UnsafePointer<pons_tensor_request>?] = tensors.map { tensor in
        let dlpack = tensor.type.dlpack
        var request = pons_tensor_request()
        request.size = UInt64(MemoryLayout<pons_tensor_request>.size)
        request.name = arena.string(tensor.name)
        request.code = dlpack.code
        request.bits = dlpack.bits
        request.ndim = Int32(clamping: tensor.shape.count)
        request.shape = UnsafePointer(arena.array(tensor.shape.map(Int64.init)))
        return UnsafePointer(arena.one(request))
      }
      var output = pons_output()
      output.size = UInt64(MemoryLayout<pons_output>.size)
      output.port = arena.string(port)
      output.case_key = arena.string(caseKey ?? "")
      output.tensor_count = UInt64(requests.count)
      output.tensors = UnsafePointer(arena.array(requests))
      var builder: pons_builder = 0
      try HostRefusal.check(host.pointee.begin(handle, &output, &builder))
      return builder
    }
  }

  private func seal(_ draft: OutputDraft) throws {
    try Arena.with { arena in
      let shapes: [UnsafePointer<pons_final_shape>?] = draft.finalShapes.map { name, shape in
        var final = pons_final_shape()
        final.size = UInt64(MemoryLayout<pons_final_shape>.size)
        final.name = arena.string(name)
        final.ndim = Int32(clamping: shape.count)
        final.shape = UnsafePointer(arena.array(shape.map(Int64.init)))
        return UnsafePointer(arena.one(final))
      }
      let status = host.pointee.seal(
        draft.builder, arena.json(draft.metadata), arena.json(draft.sidecar),
        UInt64(shapes.count), UnsafePointer(arena.array(shapes)))
      try HostRefusal.check(status)
    }
  }
}
