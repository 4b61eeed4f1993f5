package import PonsEngine

/// How far a run is, from its events.
package struct ProgressModel: Sendable {
  /// Name of the graph.
  package private(set) var name = ""
  /// The stages, in topological order.
  package private(set) var stages = [StageProgress]()
  private var places = [String: Int]()

  /// Cases that stages behind the sources may see, as far as it is known.
  package var expectedCases: Int { stages.map(\.total).max() ?? 0 }

  /// A run of which nothing is known.
  package init() {}

  /// Takes an event.
  ///
  /// - Parameter time: seconds of a clock that never jumps.
  package mutating func apply(_ event: RunEvent, at time: Double) {
    switch event {
    case .started(let name, let stages):
      self.name = name
      for stage in stages { _ = place(of: stage) }
    case .began(let stage, let caseKey):
      stages[place(of: stage)].begin(caseKey ?? "", at: time)
    case .progress(let stage, let caseKey, let fraction, let note):
      stages[place(of: stage)].advance(caseKey ?? "", fraction: fraction, note: note)
    case .ended(let stage, let caseKey, let outcome, _):
      stages[place(of: stage)].end(caseKey ?? "", outcome.result, at: time)
    case .counts(let stage, let done, let total, let isTotalFinal):
      stages[place(of: stage)].count(done: done, total: total, isFinal: isTotalFinal, at: time)
    case .enumerated, .log, .settled, .finished: break
    }
  }

  private mutating func place(of stage: String) -> Int {
    if let place = places[stage] { return place }
    places[stage] = stages.count
    stages.append(StageProgress(name: stage))
    return stages.count - 1
  }
}

extension CallOutcome {
  fileprivate var result: StageProgress.Result {
    switch self {
    case .finished: .finished
    case .reused: .reused
    case .dropped: .dropped
    case .failed: .failed
    }
  }
}
