internal import PonsEngine
internal import PonsKit

extension RunEvent {
  /// The event as one JSON object; the member `event` says which it is.
  var json: JSON {
    switch self {
    case .started(let name, let stages):
      object("started", ["name": .string(name), "stages": .array(stages.map(JSON.string))])
    case .enumerated(let stage, let cases):
      object("enumerated", ["stage": .string(stage), "cases": JSON(cases)])
    case .began(let stage, let caseKey):
      object("began", ["stage": .string(stage), "case": JSON(optional: caseKey)])
    case .progress(let stage, let caseKey, let fraction, let note):
      object(
        "progress",
        [
          "stage": .string(stage), "case": JSON(optional: caseKey), "fraction": .number(fraction),
          "note": JSON(optional: note.isEmpty ? nil : note),
        ])
    case .ended(let stage, let caseKey, let outcome, let seconds):
      object(
        "ended",
        [
          "stage": .string(stage), "case": JSON(optional: caseKey), "seconds": .number(seconds),
          "outcome": .string(outcome.name),
        ].merging(outcome.details) { own, _ in own })
    case .counts(let stage, let done, let total, let isTotalFinal):
      object(
        "counts",
        [
          "stage": .string(stage), "done": JSON(done), "total": JSON(total),
          "final": .bool(isTotalFinal),
        ])
    case .log(let level, let stage, let caseKey, let code, let text):
      object(
        "log",
        [
          "level": .string(level.name), "stage": JSON(optional: stage),
          "case": JSON(optional: caseKey),
          "code": .string(code), "text": .string(text),
        ])
    case .settled(let summary):
      object("settled", summary.json.object ?? [:])
    case .finished(let summary):
      // The cases were told one by one, and summary.json has them.
      object("finished", (summary.json.object ?? [:]).filter { $0.key != "cases" })
    }
  }

  private func object(_ event: String, _ members: [String: JSON]) -> JSON {
    var members = members.filter { $0.value != .null }
    members["event"] = .string(event)
    return .object(members)
  }
}

extension JSON {
  fileprivate init(_ value: Int) { self = .integer(Int64(value)) }
  fileprivate init(optional text: String?) { self = text.map(JSON.string) ?? .null }
}

extension CallOutcome {
  fileprivate var name: String {
    switch self {
    case .finished: "finished"
    case .reused: "reused"
    case .dropped: "dropped"
    case .failed: "failed"
    }
  }

  fileprivate var details: [String: JSON] {
    switch self {
    case .finished, .reused: [:]
    case .dropped(let verdict): verdict.members
    case .failed(let failure): failure.json.object ?? [:]
    }
  }
}

extension Verdict {
  fileprivate var members: [String: JSON] {
    var members: [String: JSON] = ["reason": .string(reason)]
    members["decision"] =
      switch decision {
      case .keep: "keep"
      case .drop: "drop"
      case .notSelected: "not-selected"
      }
    if let score { members["score"] = .number(score) }
    if let rank { members["rank"] = JSON(rank) }
    return members
  }
}

extension LogLevel {
  /// The word for people and for JSON.
  var name: String {
    switch self {
    case .debug: "debug"
    case .info: "info"
    case .notice: "notice"
    case .warning: "warning"
    }
  }
}
