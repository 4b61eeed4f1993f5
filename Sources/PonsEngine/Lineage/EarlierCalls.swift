internal import PonsKit

/// What earlier runs in a work folder called: what a plan compares with, and what it estimates from.
struct EarlierCalls: Sendable {
  private struct Name: Hashable {
    let stage: String
    let caseKey: String?
  }

  /// What a call of a stage took on average.
  struct Cost: Sendable {
    var seconds: Double
    var bytes: Double
  }

  private let store: PacketStore
  /// The key of the latest call that ended well.
  private var keys: [Name: String] = [:]
  private var costs: [String: Cost] = [:]

  init(store: PacketStore) {
    self.store = store
    for run in RunRecord.names(work: store.work) {
      guard let record = RunRecord.load(work: store.work, run: run) else { continue }
      var sums: [Int: (count: Int, seconds: Double, bytes: Int)] = [:]
      // Later lines of a run count more.
      for call in CallLog.read("\(store.work)/runs/\(run).calls").reversed()
      where record.stages.indices.contains(call.stage) {
        if case .failed = call.outcome { continue }
        let name = Name(stage: record.stages[call.stage].name, caseKey: call.caseKey)
        if keys[name] == nil { keys[name] = call.key }
        let sum = sums[call.stage] ?? (0, 0, 0)
        sums[call.stage] = (sum.count + 1, sum.seconds + call.seconds, sum.bytes + call.bytes)
      }
      for (stage, sum) in sums where costs[record.stages[stage].name] == nil {
        let count = Double(sum.count)
        costs[record.stages[stage].name] = Cost(
          seconds: sum.seconds / count, bytes: Double(sum.bytes) / count)
      }
    }
  }

  /// What a call of a stage takes, from the latest run that had one.
  func cost(of stage: String) -> Cost? { costs[stage] }

  /// Why a call has no result in the store.
  func changes(for execution: Execution, _ parts: KeyParts, producers: [String]) -> [KeyChange] {
    guard let key = keys[Name(stage: execution.node.name, caseKey: execution.caseKey)] else {
      return [.noEarlierResult]
    }
    // A call with the same key that is not found now, and one whose record is gone, cannot be compared.
    guard let found = store.find(key) else { return [.lost] }
    return KeyChange.changes(
      from: found.record, StageParts.load(work: store.work, digest: found.record.stageParts),
      to: execution, parts, producers: producers)
  }
}
