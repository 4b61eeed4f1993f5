internal import PonsEngine
internal import PonsKit

/// The checks that call a stage; raw values are what reports show.
enum ConformanceCheck: String, CaseIterable, Sendable {
  case creates = "creates with defaults"
  case refusesParameters = "refuses garbage parameters"
  case works = "keeps its ports' promises"
  case inputsUnmodified = "inputs unmodified"
  case deterministic = "deterministic"
  case cancels = "cancels"
  case garbageInputs = "survives garbage inputs"
  case noLeak = "no leak over 1000 calls"
  case destroyAfterFailure = "destroy after failure"

  /// Whether it needs an instance, and so says nothing about a stage that cannot be made.
  var needsInstance: Bool { self != .creates && self != .refusesParameters }

  /// Whether it shows the stage at work with the parameters as they are: a training must end when it is told to,
  /// however long it is.
  var needsWholeWork: Bool { self == .cancels }
}

/// How a check ended, thrown from wherever that is known.
struct ConformanceEnd: Error {
  var outcome: ConformanceReport.Outcome
  var reason: String
  /// Parameters that later checks shall use, because a call takes too long otherwise.
  var shortened: [String: JSON] = [:]
  /// Whether a call takes longer than a check may.
  var isTooLong = false

  static func failed(_ reason: String) -> Self { Self(outcome: .failed, reason: reason) }
  static func skipped(_ reason: String) -> Self { Self(outcome: .skipped, reason: reason) }
  static func passed(_ reason: String) -> Self { Self(outcome: .passed, reason: reason) }

  /// A call that is too long to be checked; nothing is wrong with that.
  static func tooLong(_ long: CallTooLong) -> Self {
    Self(
      outcome: .skipped,
      reason: "a call goes on for more than \(long.seconds.tenths) s, longer than a check may "
        + "take; told to end, it did", isTooLong: true)
  }
}

extension ConformanceEnd {
  /// For the process that started the check.
  var json: JSON {
    [
      "outcome": .string(outcome.rawValue), "reason": .string(reason),
      "shortened": .object(shortened), "too_long": .bool(isTooLong),
    ]
  }

  /// Reads what ``json`` wrote; nil when it is something else.
  init?(_ json: JSON) {
    guard
      let outcome = json["outcome"]?.string.flatMap(ConformanceReport.Outcome.init(rawValue:)),
      let reason = json["reason"]?.string
    else { return nil }
    self.init(
      outcome: outcome, reason: reason, shortened: json["shortened"]?.object ?? [:],
      isTooLong: json["too_long"]?.bool ?? false)
  }
}

/// A call was told to end because the check's time was over, and did.
struct CallTooLong: Error {
  let seconds: Double
}

extension Double {
  /// Rounded for people.
  var tenths: Double { (self * 10).rounded() / 10 }
}
