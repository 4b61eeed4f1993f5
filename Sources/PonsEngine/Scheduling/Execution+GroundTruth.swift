internal import PonsKit
internal import Synchronization

// Ground truth on its way through a run. The manifest's check follows what is declared; this follows what is there: files that ground
// truth was published to are known by their digests, and what is made of them carries it on.
extension Execution {
  /// Whether an output carries ground truth: because of what came in, of what was read, or of the port itself.
  func sendsGroundTruth(_ port: String) -> Bool {
    readsGroundTruth.load(ordering: .relaxed) || getsGroundTruth
      || node.descriptor.output(port)?.isGroundTruth == true
  }

  /// Whether a packet of ground truth came in.
  var getsGroundTruth: Bool { inputs.contains { $0.contains(where: \.isGroundTruth) } }

  /// Looks what was read, and refuses ground truth at a port that is not for it.
  ///
  /// - Parameter parts: with the digests of what the call reads.
  /// - Throws: ``StoppingFailure`` with code `GROUND_TRUTH`: what the run has learned from it must not go on.
  func followGroundTruth(_ ledger: TruthLedger, _ parts: KeyParts, isUnsupervised: Bool) throws {
    let isTruthRead = (parts.sources + parts.files).contains(where: ledger.contains)
    if isTruthRead { readsGroundTruth.store(true, ordering: .relaxed) }
    guard isUnsupervised, !node.descriptor.isTerminal else { return }
    for (port, slots) in zip(node.ports, inputs) where !port.descriptor.isGroundTruth {
      guard let slot = slots.first(where: \.isGroundTruth) else { continue }
      let way = slot.wayOfGroundTruth + ["\(node.name).\(port.descriptor.name)"]
      throw refusal(way, port: port.descriptor.name)
    }
    // A stage that is made to see ground truth may read it from a table, too.
    if isTruthRead, !node.descriptor.isSource,
      !node.descriptor.inputs.contains(where: \.isGroundTruth)
    {
      throw refusal(["a file that a parameter names", node.name], port: nil)
    }
  }

  private func refusal(_ way: [String], port: String?) -> StoppingFailure {
    StoppingFailure(
      node: node.index,
      failure: StageFailure(
        .badInput, code: "GROUND_TRUTH",
        "ground truth would reach '\(way.last ?? "")', which 'unsupervised: true' forbids: "
          + way.joined(separator: " -> "),
        hint: "an earlier run published what it came from as ground truth; take it out of the "
          + "sources, or declare 'ground_truth: true' there and connect it to evaluation only",
        port: port))
  }
}

extension PacketSlot {
  /// The ports that ground truth came through, the source first.
  fileprivate var wayOfGroundTruth: [String] {
    guard let producer else { return [] }
    let before = producer.inputs.joined().first(where: \.isGroundTruth)?.wayOfGroundTruth ?? []
    return before + ["\(producer.node.name).\(port)"]
  }
}
