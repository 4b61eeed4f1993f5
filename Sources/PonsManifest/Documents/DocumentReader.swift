/// Reads mappings with known keys and reports everything that does not belong there.
struct DocumentReader {
  /// Relative paths of the file start here.
  let folder: String
  var findings: Findings

  init(file: String, findings: Findings) {
    folder = Paths.folder(of: file)
    self.findings = findings
  }

  /// The entries of a mapping; nothing at all counts as an empty one.
  mutating func mapping(_ node: YAMLNode, _ what: String) -> [YAMLEntry] {
    if case .mapping(let entries) = node.content { return entries }
    if !node.isMissing {
      findings.error(
        node.location, "\(what) must be a mapping (name: value), found \(node.summary)")
    }
    return []
  }

  /// The entries of a mapping by name; reports every key that is not known.
  mutating func entries(_ node: YAMLNode, _ what: String, known: [String]) -> [String: YAMLEntry] {
    var result: [String: YAMLEntry] = [:]
    for entry in mapping(node, what) {
      if known.contains(entry.key) {
        result[entry.key] = entry
      } else {
        findings.error(
          entry.keyLocation, "unknown key '\(YAMLNode.shortened(entry.key))' in \(what)",
          hint: Suggestion.hint(for: entry.key, among: known, noun: "keys"))
      }
    }
    return result
  }

  /// A non-empty text.
  mutating func text(_ node: YAMLNode, _ what: String) -> String? {
    if let text = node.text, !text.isEmpty { return text }
    findings.error(node.location, "\(what) must be a text, found \(node.summary)")
    return nil
  }

  /// `true` or `false`, not in quotes.
  mutating func boolean(_ node: YAMLNode, _ what: String) -> Bool? {
    if case .scalar(let text, .plain) = node.content, let value = CoreSchema.boolean(text) {
      return value
    }
    findings.error(
      node.location, "\(what) must be true or false, found \(node.summary)")
    return nil
  }

  mutating func finiteNumber(_ node: YAMLNode, _ what: String) -> Double? {
    if case .scalar(let text, .plain) = node.content {
      switch CoreSchema.number(text) {
      case .integer(let value): return Double(value)
      case .number(let value): return value
      case .notFinite, nil: break
      }
    }
    findings.error(node.location, "\(what) must be a number, found \(node.summary)")
    return nil
  }

  mutating func list(_ node: YAMLNode, _ what: String) -> [YAMLNode] {
    if case .sequence(let elements) = node.content { return elements }
    findings.error(node.location, "\(what) must be a list, found \(node.summary)")
    return []
  }

  /// Reports a name that breaks the rule for names.
  mutating func checkName(_ name: String, _ location: SourceLocation, _ what: String) -> Bool {
    if Names.isValid(name) { return true }
    findings.error(
      location, "'\(YAMLNode.shortened(name))' cannot be the name of \(what)", hint: Names.rule)
    return false
  }

  func setting(_ node: YAMLNode) -> Setting {
    Setting(node: node, folder: folder, origin: Origin(node.location))
  }

  /// Checks the `pons:` key, the version of the manifest language.
  mutating func checkVersion(_ entry: YAMLEntry?, of root: YAMLNode, _ what: String) {
    guard let entry else {
      findings.error(
        root.location, "\(what) has no key 'pons', which says what language it is written in",
        hint: "begin it with 'pons: 1'")
      return
    }
    if case .scalar("1", .plain) = entry.value.content { return }
    findings.error(
      entry.value.location,
      "this program reads version 1 of the manifest language ('pons: 1'), found \(entry.value.summary)"
    )
  }

  /// The list under `plugins:`.
  mutating func plugins(_ entry: YAMLEntry?) -> [PluginReference] {
    guard let entry else { return [] }
    var result: [PluginReference] = []
    for node in list(entry.value, "'plugins'") {
      if let path = text(node, "a plugin") {
        result.append(
          PluginReference(path: Paths.join(folder, path), location: node.location))
      }
    }
    return result
  }
}
