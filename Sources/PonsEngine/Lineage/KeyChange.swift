public import PonsKit

/// Why a call will run: which part of its key is not what it was when the same stage was called for the same case last time.
public enum KeyChange: Sendable, Hashable {
  /// The stage was never called for the case in the runs that the work folder remembers.
  case noEarlierResult
  /// The key is the same, but its result is gone or damaged.
  case lost
  /// Another stage of that name.
  case stage(from: String, to: String)
  /// The stage's version.
  case version(from: String, to: String)
  /// The plugin file, or a library that it computes with; SHA-256.
  case plugin(from: String, to: String)
  /// A parameter that results depend on; nil where it had, or has, no value.
  case parameter(name: String, from: JSON?, to: JSON?)
  /// The number of threads of a call.
  case threads(from: String, to: String)
  /// Whether the outputs carry ground truth.
  case groundTruth
  /// The site's secret, on which keys of cases depend.
  case siteKey
  /// The seed of the run.
  case seed
  /// The content of source files.
  case sourceFiles(changed: Int, added: Int, removed: Int)
  /// What the source says of the case beside its files.
  case announcement
  /// The content of a file or folder that a parameter names: a model, a table.
  case file(parameter: String)
  /// Packets at an input port, and the stage that they come from.
  case input(port: String, stage: String, changed: Int, added: Int, removed: Int)
  /// What the stage is told of cases that did not arrive.
  case absentCases
}

extension KeyChange {
  /// What to call it in JSON: `parameter`, `input` and so on.
  public var kind: String {
    switch self {
    case .noEarlierResult: "new"
    case .lost: "lost"
    case .stage: "stage"
    case .version: "version"
    case .plugin: "plugin"
    case .parameter: "parameter"
    case .threads: "threads"
    case .groundTruth: "ground-truth"
    case .siteKey: "site-key"
    case .seed: "seed"
    case .sourceFiles: "source-files"
    case .announcement: "announcement"
    case .file: "file"
    case .input: "input"
    case .absentCases: "absent-cases"
    }
  }

  /// One line for people.
  public var text: String {
    func value(_ json: JSON?) -> String { json.map(\.canonical) ?? "not set" }
    func counts(_ changed: Int, _ added: Int, _ removed: Int) -> String {
      [(changed, "changed"), (added, "added"), (removed, "removed")].filter { $0.0 > 0 }
        .map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
    switch self {
    case .noEarlierResult: return "no earlier result"
    case .lost: return "the earlier result is gone or damaged"
    case .stage(let old, let new): return "stage: \(old) -> \(new)"
    case .version(let old, let new): return "version of the stage: \(old) -> \(new)"
    case .plugin(let old, let new): return "plugin file: \(old.prefix(12)) -> \(new.prefix(12))"
    case .parameter(let name, let old, let new):
      return "parameter \(name): \(value(old)) -> \(value(new))"
    case .threads(let old, let new): return "threads: \(old) -> \(new)"
    case .groundTruth: return "ground truth"
    case .siteKey: return "site key"
    case .seed: return "seed"
    case .sourceFiles(let changed, let added, let removed):
      return "source files: \(counts(changed, added, removed))"
    case .announcement: return "what the source says of the case"
    case .file(let parameter): return "file of parameter \(parameter)"
    case .input(let port, let stage, 1, 0, 0): return "input \(port) of \(stage)"
    case .input(let port, let stage, let changed, let added, let removed):
      return "input \(port) of \(stage): \(counts(changed, added, removed))"
    case .absentCases: return "cases that did not arrive"
    }
  }

  /// The change as an object for machines.
  public var json: JSON {
    var members: [String: JSON] = ["kind": .string(kind), "text": .string(text)]
    func span(_ old: String, _ new: String) {
      members["from"] = .string(old)
      members["to"] = .string(new)
    }
    func count(_ changed: Int, _ added: Int, _ removed: Int) {
      members["changed"] = .integer(Int64(changed))
      members["added"] = .integer(Int64(added))
      members["removed"] = .integer(Int64(removed))
    }
    switch self {
    case .stage(let old, let new), .version(let old, let new), .plugin(let old, let new),
      .threads(let old, let new):
      span(old, new)
    case .parameter(let name, let old, let new):
      members["parameter"] = .string(name)
      members["from"] = old ?? .null
      members["to"] = new ?? .null
    case .file(let parameter): members["parameter"] = .string(parameter)
    case .sourceFiles(let changed, let added, let removed): count(changed, added, removed)
    case .input(let port, let stage, let changed, let added, let removed):
      members["port"] = .string(port)
      members["stage"] = .string(stage)
      count(changed, added, removed)
    default: break
    }
    return .object(members)
  }
}

extension KeyChange {
  /// What differs between an earlier call and one that is to be made.
  ///
  /// - Parameters:
  ///   - record: of the earlier call, with what all calls of its stage had in common.
  ///   - producers: the names of the stages behind the input ports, in the order of `node.ports`.
  /// - Returns: one change at least; ``lost`` when nothing differs.
  static func changes(
    from record: StoredRecord, _ earlier: StageParts?, to execution: Execution, _ parts: KeyParts,
    producers: [String]
  ) -> [KeyChange] {
    let node = execution.node
    var changes: [KeyChange] = []
    if let earlier, record.stageParts != node.keyPrefix {
      changes += self.changes(from: earlier, to: node.parts)
    }
    let old = record.keyParts
    if old.seed != parts.seed { changes.append(.seed) }
    if old.fingerprint != parts.fingerprint { changes.append(.announcement) }
    if old.sources != parts.sources {
      let (changed, added, removed) = counts(
        Dictionary(grouping: old.sources) { $0 }.mapValues(\.count),
        Dictionary(grouping: parts.sources) { $0 }.mapValues(\.count))
      changes.append(.sourceFiles(changed: changed, added: added, removed: removed))
    }
    if old.files.count == parts.files.count {
      for (index, file) in node.files.enumerated() where old.files[index] != parts.files[index] {
        changes.append(.file(parameter: file.parameter))
      }
    } else if let file = node.files.first {
      changes.append(.file(parameter: file.parameter))
    }
    for (position, port) in node.ports.enumerated() {
      let name = port.descriptor.name
      var before: [String: String] = [:]
      for input in record.inputs where input.port == name {
        before[input.caseKey ?? ""] = input.identity
      }
      var changed = 0
      var added = 0
      for slot in execution.inputs[position] {
        switch before.removeValue(forKey: slot.caseKey ?? "") {
        case slot.identity?: break
        case nil: added += 1
        default: changed += 1
        }
      }
      if changed + added + before.count > 0 {
        changes.append(
          .input(
            port: name, stage: producers[position], changed: changed, added: added,
            removed: before.count))
      }
    }
    if old.absent != parts.absent { changes.append(.absentCases) }
    return changes.isEmpty ? [.lost] : changes
  }

  private static func changes(from old: StageParts, to new: StageParts) -> [KeyChange] {
    // Nothing else can be compared between two stages.
    if old.use != new.use { return [.stage(from: old.use, to: new.use)] }
    var changes: [KeyChange] = []
    if old.version != new.version {
      changes.append(.version(from: old.version, to: new.version))
    }
    if old.code != new.code { changes.append(.plugin(from: old.code, to: new.code)) }
    for name in Set(old.parameters.keys).union(new.parameters.keys).sorted()
    where old.parameters[name] != new.parameters[name] {
      changes.append(
        .parameter(name: name, from: old.parameters[name], to: new.parameters[name]))
    }
    if old.threads != new.threads {
      changes.append(.threads(from: old.threads, to: new.threads))
    }
    if old.carriesGroundTruth != new.carriesGroundTruth { changes.append(.groundTruth) }
    if old.site != new.site { changes.append(.siteKey) }
    return changes
  }

  /// How many of a bag of digests were replaced by others, came, or went.
  private static func counts(_ old: [String: Int], _ new: [String: Int]) -> (Int, Int, Int) {
    let gone = old.reduce(0) { $0 + max(0, $1.value - new[$1.key, default: 0]) }
    let come = new.reduce(0) { $0 + max(0, $1.value - old[$1.key, default: 0]) }
    let changed = min(gone, come)
    return (changed, come - changed, gone - changed)
  }
}
