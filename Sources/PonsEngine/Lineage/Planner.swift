internal import PonsKit
internal import Synchronization

/// Stands in for the calls that a run would make: notes them, and passes on packets without content, whose identities follow from
/// the keys. What a stage would send, drop or split is not known, so every case goes on and no new cases are made.
final class Planner: Sendable {
  struct Call: Sendable {
    let stage: Int
    let caseKey: String?
    /// Why it has to be made; nil when the store has its result.
    let changes: [KeyChange]?
  }

  private let earlier: EarlierCalls
  /// Names of the stages by position.
  private let stages: [String]
  private let calls = Mutex<[Call]>([])

  init(earlier: EarlierCalls, stages: [String]) {
    self.earlier = earlier
    self.stages = stages
  }

  /// All calls, by stage and case.
  var noted: [Call] {
    calls.withLock {
      $0.sorted { ($0.stage, $0.caseKey ?? "") < ($1.stage, $1.caseKey ?? "") }
    }
  }

  /// The store has the result of a call.
  func found(_ execution: Execution) {
    calls.withLock {
      $0.append(Call(stage: execution.node.index, caseKey: execution.caseKey, changes: nil))
    }
  }

  /// The store has no result of a call: what it would send.
  func expected(of execution: Execution, key: String, parts: KeyParts) throws
    -> Executor.Completed
  {
    let node = execution.node
    let changes = earlier.changes(
      for: execution, parts, producers: node.ports.map { stages[$0.producer] })
    calls.withLock {
      $0.append(Call(stage: node.index, caseKey: execution.caseKey, changes: changes))
    }
    var outputs: [(port: String, caseKey: String?, slot: PacketSlot)] = []
    for port in node.descriptor.outputs where node.wants(port.name) {
      let cases: [String?]
      switch port.flow {
      case .output(.one): cases = [nil]
      case .output(.perCase): cases = execution.caseKey.map { [$0] } ?? execution.cohort
      default: cases = []
      }
      for caseKey in cases {
        // What a stage that is not deterministic sends has an identity that nobody knows yet.
        let seed = node.descriptor.isDeterministic ? key : "unknown \(key)"
        let identity = try Execution.identity(key: seed, port: port.name, caseKey: caseKey)
        outputs.append(
          (
            port.name, caseKey,
            PacketSlot(
              kind: port.kind, identity: identity, caseKey: caseKey, producer: execution,
              port: port.name)
          ))
      }
    }
    return Executor.Completed(outputs: outputs, verdicts: [], isReused: false, pending: nil)
  }
}
