internal import PonsKit

/// A manifest as it is written: names and values with their places, nothing resolved.
struct ManifestDocument: Sendable {
  var file: String
  var name = ""
  var nameOrigin: Origin
  /// The other single values at the top, for printing: `description`, `unsupervised`, `locked`.
  var settings: [String: Setting] = [:]
  var isUnsupervised = false
  var isLocked = false
  var parameters: [ParameterDeclaration] = []
  var stages: [StageDeclaration] = []
  var outputs: [Connection] = []
  var plugins: [PluginReference] = []
  var golden: GoldenDeclaration?

  /// Places of the stages by name; their order never changes.
  var stagePlaces: [String: Int] = [:]
  /// Stages and parameters that are declared in a way that cannot be read: what refers to them is not at fault.
  var brokenStages: Set<String> = []
  var brokenParameters: [String: SourceLocation] = [:]
  /// Whether nothing is known about what stages there are.
  var hasUnreadStages = false

  /// The most stages a manifest may have.
  static let maximumStages = 2000

  func stageIndex(_ name: String) -> Int? { stagePlaces[name] }
  func parameterIndex(_ name: String) -> Int? { parameters.firstIndex { $0.name == name } }
}

/// A plugin file or folder that a manifest or overlay names.
public struct PluginReference: Sendable, Hashable {
  /// The path, relative ones joined to the folder of the file that names it.
  public var path: String
  /// Where it is named.
  public var location: SourceLocation
}

/// A parameter of the manifest itself, which `${name}` refers to.
struct ParameterDeclaration: Sendable, Hashable {
  /// Type, range and so on; its default is `value` and not in here.
  var descriptor: ParameterDescriptor
  var location: SourceLocation
  /// The declaration with its keys but `default`, for printing.
  var entries: [YAMLEntry]
  var value: Setting?

  var name: String { descriptor.name }
}

/// A stage as it is written.
struct StageDeclaration: Sendable, Hashable {
  /// Whole numbers, and a switch, that say how a stage is run.
  enum Limit: String, Sendable, Hashable, CaseIterable {
    case threads
    case minimumCases = "min_cases"
    case maximumQuarantined = "max_quarantined"
    case retries
    /// Whether it runs in a process of its own.
    case isolate
    /// Seconds that a call may take in a process of its own.
    case timeout
    /// Seconds of computing that a call may take there, of all its threads together.
    case cpuTime = "cpu_time"
    /// MiB that the process may have beside packets.
    case memory = "memory_mib"

    /// What values it takes.
    var descriptor: ParameterDescriptor {
      switch self {
      case .isolate: ParameterDescriptor(rawValue, .boolean)
      case .maximumQuarantined, .retries:
        ParameterDescriptor(rawValue, .integer, minimum: 0, maximum: Double(Int32.max))
      case .threads, .minimumCases, .timeout, .cpuTime, .memory:
        ParameterDescriptor(rawValue, .integer, minimum: 1, maximum: Double(Int32.max))
      }
    }
  }

  var name: String
  var location: SourceLocation
  var use: Setting
  var inputs: [Connection] = []
  var with: [NamedSetting] = []
  var overridable: [OverridableRule] = []
  var limits: [Limit: Setting] = [:]
  /// Where `ground_truth: true` stands.
  var groundTruth: SourceLocation?
  /// Whether something under `in:` could not be read.
  var hasBrokenInputs = false

  func input(_ port: String) -> Int? { inputs.firstIndex { $0.name == port } }
  func setting(_ name: String) -> Int? { with.firstIndex { $0.name == name } }
}

/// `name: value` under `with:`.
struct NamedSetting: Sendable, Hashable {
  var name: String
  var nameLocation: SourceLocation
  var value: Setting
}

/// `port: stage.output` under `in:`, or `name: stage.output` under `outputs:`.
struct Connection: Sendable, Hashable {
  var name: String
  var nameLocation: SourceLocation
  var reference: Setting
}

/// What overlays and the command line may do to one value of a stage.
struct OverridableRule: Sendable, Hashable {
  enum Allowed: Sendable, Hashable {
    case anything
    case nothing
    case range(Double, Double)
    case values([YAMLNode])
  }

  /// A parameter, one of ``StageDeclaration/Limit``, or `use`.
  var name: String
  var location: SourceLocation
  var allowed: Allowed
  /// As written, for printing.
  var node: YAMLNode
}
