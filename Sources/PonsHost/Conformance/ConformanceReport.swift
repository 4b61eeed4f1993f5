public import PonsKit

/// What the conformance suite found out about a plugin.
public struct ConformanceReport: Sendable, Hashable {
  /// How a check ended.
  public enum Outcome: String, Sendable, Hashable {
    case passed, failed, skipped
  }

  /// One check of one stage, or of the plugin as a whole.
  public struct Line: Sendable, Hashable {
    /// The stage, or nil for the plugin.
    public var stage: String?
    /// What was checked: `inputs unmodified`.
    public var check: String
    /// How it ended.
    public var outcome: Outcome
    /// Why; empty when there is nothing to say.
    public var reason: String
  }

  /// The file.
  public var file: String
  /// The plugin, or nil when it could not be described.
  public var plugin: PluginDescriptor?
  /// In the order in which the checks ran.
  public var lines: [Line]

  /// Whether no check failed.
  public var isPassed: Bool { !lines.contains { $0.outcome == .failed } }

  /// How many checks ended so.
  public func count(_ outcome: Outcome) -> Int { lines.count { $0.outcome == outcome } }

  /// For people: one line a check, and the sums.
  public var text: String {
    var text = ""
    var stage: String?? = .none
    for line in lines {
      if stage != .some(line.stage) {
        text += (line.stage ?? plugin?.name ?? file) + "\n"
        stage = .some(line.stage)
      }
      text += "  \(line.outcome.rawValue)  \(line.check)"
      text += line.reason.isEmpty ? "\n" : ": \(line.reason)\n"
    }
    return text + "\(count(.passed)) passed, \(count(.failed)) failed, \(count(.skipped)) skipped\n"
  }

  /// For programs.
  public var json: JSON {
    let lines: [JSON] = lines.map { line in
      [
        "stage": line.stage.map(JSON.string) ?? nil, "check": .string(line.check),
        "outcome": .string(line.outcome.rawValue), "reason": .string(line.reason),
      ]
    }
    return [
      "file": .string(file), "plugin": plugin.map { .string($0.name) } ?? nil,
      "passed": .bool(isPassed), "checks": .array(lines),
    ]
  }
}
