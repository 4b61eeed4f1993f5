/// An overlay as it is written: what a site changes in a manifest.
struct OverlayDocument: Sendable {
  var file: String
  var name: String?
  /// The manifest or overlay that it changes, relative paths joined to the overlay's folder.
  var base: (path: String, location: SourceLocation)?
  var plugins: [PluginReference] = []
  /// What it adds: parameters, stages and outputs.
  var additions: ManifestDocument?
  var removals: [Removal] = []
  var swaps: [Swap] = []
  var edits: [Edit] = []
}

/// A change of one value.
struct Edit: Sendable, Hashable {
  /// `stages.s3f.with.keep_fraction`
  var path: String
  var pathLocation: SourceLocation
  var to: Setting
  /// What the value must have been.
  var from: Setting?
}

/// A change of what a stage uses; the settings of the former stage are gone.
struct Swap: Sendable, Hashable {
  var stage: String
  var stageLocation: SourceLocation
  var use: Setting
  var with: [NamedSetting]
}

/// Something that is taken away: `stages.STAGE`, `stages.STAGE.in.PORT`, `outputs.NAME`.
struct Removal: Sendable {
  var path: YAMLNode
  var origin: Origin
}

extension DocumentReader {
  private static let overlayKeys = [
    "pons", "overlay", "base", "description", "plugins", "add", "remove", "set", "use",
  ]

  /// Whether a text is an overlay and not a manifest.
  static func isOverlay(_ root: YAMLNode) -> Bool {
    guard case .mapping(let entries) = root.content else { return false }
    return entries.contains { $0.key == "overlay" || $0.key == "base" }
  }

  /// Reads an overlay as far as it can be read; what cannot is in the findings.
  mutating func overlay(_ root: YAMLNode, file: String) -> OverlayDocument {
    var overlay = OverlayDocument(file: file)
    guard case .mapping = root.content else {
      findings.error(root.location, "an overlay must be a mapping, found \(root.summary)")
      return overlay
    }
    let keys = entries(root, "the overlay", known: Self.overlayKeys)
    checkVersion(keys["pons"], of: root, "the overlay")
    if let entry = keys["overlay"] {
      if let name = text(entry.value, "'overlay'"),
        checkName(name, entry.value.location, "an overlay")
      {
        overlay.name = name
      }
    } else {
      findings.error(
        root.location, "the overlay has no name", hint: "add 'overlay: NAME'")
    }
    if let entry = keys["base"], let path = text(entry.value, "'base'") {
      overlay.base = (Paths.join(folder, path), entry.value.location)
    }
    if let entry = keys["description"] { _ = text(entry.value, "'description'") }
    overlay.plugins = plugins(keys["plugins"])
    for node in keys["remove"].map({ list($0.value, "'remove'") }) ?? [] {
      if let removal = removal(node, overlay.name) { overlay.removals.append(removal) }
    }
    overlay.additions = keys["add"].map { additions($0.value, file: file) }
    for node in keys["use"].map({ list($0.value, "'use'") }) ?? [] {
      if let swap = swap(node, overlay.name) { overlay.swaps.append(swap) }
    }
    for node in keys["set"].map({ list($0.value, "'set'") }) ?? [] {
      if let edit = edit(node, overlay.name) { overlay.edits.append(edit) }
    }
    return overlay
  }

  /// A path, or a mapping that says why as well.
  private mutating func removal(_ node: YAMLNode, _ overlay: String?) -> Removal? {
    var path = node
    var notes: (reason: String?, by: String?)
    if case .mapping = node.content {
      let keys = entries(node, "an entry of 'remove'", known: ["path", "reason", "by"])
      guard let named = required("path", in: keys, of: node, "remove") else { return nil }
      path = named
      notes = self.notes(keys)
    }
    guard text(path, "an entry of 'remove'") != nil else { return nil }
    return Removal(
      path: path,
      origin: Origin(path.location, overlay: overlay, reason: notes.reason, by: notes.by))
  }

  private mutating func additions(_ node: YAMLNode, file: String) -> ManifestDocument {
    var document = ManifestDocument(file: file, nameOrigin: Origin(node.location))
    let keys = entries(node, "'add'", known: ["parameters", "stages", "outputs"])
    readParameters(keys["parameters"], into: &document)
    if let stages = keys["stages"] { readStages(stages, of: node, into: &document) }
    if let outputs = keys["outputs"] { readOutputs(outputs, of: node, into: &document) }
    return document
  }

  private mutating func edit(_ node: YAMLNode, _ overlay: String?) -> Edit? {
    let keys = entries(node, "an entry of 'set'", known: ["path", "to", "from", "reason", "by"])
    guard case .mapping = node.content else { return nil }
    let path = required("path", in: keys, of: node, "set").flatMap { text($0, "'path'") }
    let to = required("to", in: keys, of: node, "set")
    let notes = notes(keys)
    guard let path, let to, let location = keys["path"]?.value.location else { return nil }
    return Edit(
      path: path, pathLocation: location, to: edited(to, overlay, notes),
      from: keys["from"].map { setting($0.value) })
  }

  private mutating func swap(_ node: YAMLNode, _ overlay: String?) -> Swap? {
    let keys = entries(node, "an entry of 'use'", known: ["stage", "use", "with", "reason", "by"])
    guard case .mapping = node.content else { return nil }
    let stage = required("stage", in: keys, of: node, "use").flatMap { text($0, "'stage'") }
    let use = required("use", in: keys, of: node, "use")
    let notes = notes(keys)
    var with = keys["with"].map { settings($0.value, "'with'") } ?? []
    for index in with.indices { with[index].value = edited(with[index].value.node, overlay, notes) }
    guard let stage, let use, text(use, "'use'") != nil,
      let location = keys["stage"]?.value.location
    else { return nil }
    return Swap(
      stage: stage, stageLocation: location, use: edited(use, overlay, notes), with: with)
  }

  private mutating func required(
    _ key: String, in keys: [String: YAMLEntry], of node: YAMLNode, _ list: String
  ) -> YAMLNode? {
    if let entry = keys[key] { return entry.value }
    findings.error(
      node.location, "this entry of '\(list)' has no '\(key)'", hint: "add '\(key): ...'")
    return nil
  }

  private mutating func notes(_ keys: [String: YAMLEntry]) -> (reason: String?, by: String?) {
    let reason = keys["reason"].flatMap { text($0.value, "'reason'") }
    return (reason, keys["by"].flatMap { text($0.value, "'by'") })
  }

  private func edited(
    _ node: YAMLNode, _ overlay: String?, _ notes: (reason: String?, by: String?)
  ) -> Setting {
    Setting(
      node: node, folder: folder,
      origin: Origin(node.location, overlay: overlay, reason: notes.reason, by: notes.by),
      isEdit: true)
  }
}
