extension DocumentReader {
  private static let manifestKeys = [
    "pons", "name", "description", "unsupervised", "parameters", "stages", "outputs", "plugins",
    "locked", "golden",
  ]

  /// Reads a manifest as far as it can be read; what cannot is in the findings.
  mutating func manifest(_ root: YAMLNode, file: String) -> ManifestDocument {
    var document = ManifestDocument(file: file, nameOrigin: Origin(root.location))
    guard case .mapping = root.content else {
      findings.error(
        root.location, "a manifest must be a mapping (name: value), found \(root.summary)",
        hint: "a manifest begins with 'pons: 1'")
      return document
    }
    let keys = entries(root, "the manifest", known: Self.manifestKeys)
    checkVersion(keys["pons"], of: root, "the manifest")
    if let entry = keys["name"] {
      if let name = text(entry.value, "'name'") {
        if checkName(name, entry.value.location, "a manifest") { document.name = name }
        document.nameOrigin = Origin(entry.value.location)
      }
    } else {
      findings.error(root.location, "the manifest has no key 'name'", hint: "add 'name: ...'")
    }
    if let entry = keys["description"] { _ = text(entry.value, "'description'") }
    for key in ["description", "unsupervised", "locked"] {
      document.settings[key] = keys[key].map { setting($0.value) }
    }
    document.isUnsupervised =
      keys["unsupervised"].flatMap { boolean($0.value, "'unsupervised'") } ?? false
    document.isLocked = keys["locked"].flatMap { boolean($0.value, "'locked'") } ?? false
    document.plugins = plugins(keys["plugins"])
    document.golden = keys["golden"].flatMap { golden($0) }
    readParameters(keys["parameters"], into: &document)
    // "stages: {}" with "outputs: {}" is a graph that does nothing, and takes no guessing.
    let isEmptyOnPurpose = ["stages", "outputs"].allSatisfy { name in
      keys[name].map { !$0.value.isMissing && $0.value.content == .mapping([]) } ?? false
    }
    if !isEmptyOnPurpose {
      readStages(keys["stages"], of: root, into: &document)
      readOutputs(keys["outputs"], of: root, into: &document)
    }
    return document
  }

  mutating func readParameters(_ entry: YAMLEntry?, into document: inout ManifestDocument) {
    for entry in entry.map({ mapping($0.value, "'parameters'") }) ?? [] {
      if let declaration = parameter(entry) {
        document.parameters.append(declaration)
      } else {
        document.brokenParameters[entry.key] = entry.keyLocation
      }
    }
  }

  mutating func readStages(
    _ entry: YAMLEntry?, of root: YAMLNode, into document: inout ManifestDocument
  ) {
    guard let entry else {
      document.hasUnreadStages = true
      findings.error(
        root.location, "the manifest has no key 'stages'",
        hint: "add 'stages:' with at least one stage")
      return
    }
    let stages = mapping(entry.value, "'stages'")
    document.hasUnreadStages = stages.isEmpty || stages.count > ManifestDocument.maximumStages
    if stages.isEmpty, entry.value.isMissing || entry.value.content == .mapping([]) {
      findings.error(entry.keyLocation, "'stages' is empty; a manifest has at least one stage")
    }
    if stages.count > ManifestDocument.maximumStages {
      findings.error(
        entry.keyLocation,
        "the manifest has \(stages.count) stages; at most \(ManifestDocument.maximumStages) are allowed"
      )
      return
    }
    for entry in stages {
      guard checkName(entry.key, entry.keyLocation, "a stage"), let stage = stage(entry) else {
        document.brokenStages.insert(entry.key)
        continue
      }
      document.stagePlaces[stage.name] = document.stages.count
      document.stages.append(stage)
    }
  }

  mutating func readOutputs(
    _ entry: YAMLEntry?, of root: YAMLNode, into document: inout ManifestDocument
  ) {
    guard let entry else {
      findings.error(
        root.location, "the manifest has no key 'outputs'",
        hint: "add 'outputs: {name: stage.port}', so that the run makes something")
      return
    }
    let outputs = mapping(entry.value, "'outputs'")
    if outputs.isEmpty, entry.value.isMissing || entry.value.content == .mapping([]) {
      findings.error(entry.keyLocation, "'outputs' is empty; a manifest has at least one output")
    }
    var written: [String: String] = [:]
    for entry in outputs {
      if !checkName(entry.key, entry.keyLocation, "an output") { continue }
      if ["phi", "summary"].contains(entry.key.lowercased()) {
        findings.error(
          entry.keyLocation, "the output name '\(entry.key)' is taken by a file of the run itself",
          hint: "choose another name")
        continue
      }
      if let twin = written.updateValue(entry.key, forKey: entry.key.lowercased()) {
        findings.error(
          entry.keyLocation,
          "the outputs '\(twin)' and '\(entry.key)' differ in case only, and some file systems cannot tell them apart"
        )
      }
      if text(entry.value, "output '\(entry.key)'") == nil { continue }
      document.outputs.append(
        Connection(
          name: entry.key, nameLocation: entry.keyLocation, reference: setting(entry.value)))
    }
  }
}
