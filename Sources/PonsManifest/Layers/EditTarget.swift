/// What the path of an edit leads to.
enum EditTarget: Sendable, Hashable {
  case parameter(String)
  case setting(stage: String, name: String)
  case limit(stage: String, StageDeclaration.Limit)
  case input(stage: String, port: String)
  case output(String)
  /// The stage's `use`, by a swap only.
  case use(stage: String)

  /// Nil when the path has none of the known forms.
  init?(_ path: String) {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if parts.contains("") { return nil }
    switch (parts.first, parts.count) {
    case ("parameters", 2): self = .parameter(parts[1])
    case ("outputs", 2): self = .output(parts[1])
    case ("stages", 3):
      if parts[2] == "use" {
        self = .use(stage: parts[1])
      } else if let limit = StageDeclaration.Limit(rawValue: parts[2]) {
        self = .limit(stage: parts[1], limit)
      } else {
        return nil
      }
    case ("stages", 4) where parts[2] == "with": self = .setting(stage: parts[1], name: parts[3])
    case ("stages", 4) where parts[2] == "in": self = .input(stage: parts[1], port: parts[3])
    default: return nil
    }
  }

  var stage: String? {
    switch self {
    case .setting(let stage, _), .limit(let stage, _), .input(let stage, _), .use(let stage): stage
    case .parameter, .output: nil
    }
  }

  /// The name under `overridable:` that decides about it; nil for what `overridable` cannot name.
  var ruleName: String? {
    switch self {
    case .setting(_, let name): name
    case .limit(_, let limit): limit.rawValue
    case .use: "use"
    case .parameter, .input, .output: nil
    }
  }

  static let forms =
    "paths are parameters.NAME, stages.STAGE.with.NAME, stages.STAGE.in.PORT, "
    + "stages.STAGE.threads (isolate, retries, ...) and outputs.NAME"
}

/// A change that was applied, with what is needed to check it when the stages are known.
struct LayerChange: Sendable, Hashable {
  var target: EditTarget
  var edit: Edit
  /// What it replaced; nil when the value was not written before.
  var previous: Setting?
  /// The stage id at that moment: a later layer may swap it.
  var use: String?
  var rule: OverridableRule?
  /// Whether the manifest guards the value, so that the change has a reason and a name.
  var isGuarded = false
}
