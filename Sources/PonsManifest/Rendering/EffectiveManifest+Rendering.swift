public import PonsKit

extension EffectiveManifest {
  /// The effective manifest as YAML that can be loaded again from the working directory and gives the same graph.
  ///
  /// Values that `--set` gave to parameters of the manifest appear as their defaults. Paths whose type is known are
  /// written as seen from the working directory.
  ///
  /// - Parameters:
  ///   - origins: adds a comment to each value: `file:line:column` with overlay, reason and author; `default of
  ///     STAGE`; or `command line`.
  ///   - stages: the known stages; without them defaults are not shown, and paths of stages stay as written.
  public func rendered(origins: Bool, stages: [StageDescriptor] = []) -> String {
    var builder = GraphBuilder(self, stages: stages, requiringValues: false)
    builder.readParameters()
    var rendering = Rendering(
      document: document, plugins: plugins, descriptors: builder.descriptors,
      values: builder.values, writer: YAMLWriter(showsOrigins: origins))
    return rendering.text()
  }
}

/// Walks over a manifest and writes it.
private struct Rendering {
  let document: ManifestDocument
  let plugins: [PluginReference]
  let descriptors: [String: StageDescriptor]
  let values: [String: ParameterValue]
  var writer: YAMLWriter

  mutating func text() -> String {
    writer.value("pons", YAMLNode(1, at: document.nameOrigin.location), depth: 0)
    writer.value("name", document.name, depth: 0, origin: document.nameOrigin.description)
    for key in ["description", "unsupervised", "locked"] {
      guard let setting = document.settings[key] else { continue }
      writer.value(key, setting.node, depth: 0, origin: setting.origin.description)
    }
    if !plugins.isEmpty {
      writer.open("plugins", depth: 0)
      for plugin in plugins {
        writer.element(plugin.path, depth: 1, origin: plugin.location.description)
      }
    }
    if !document.parameters.isEmpty {
      writer.open("parameters", depth: 0)
      for parameter in document.parameters { write(parameter) }
    }
    writer.open("stages", depth: 0)
    for stage in document.stages { write(stage) }
    writer.open("outputs", depth: 0)
    for output in document.outputs { write(output, depth: 1) }
    if let golden = document.golden { write(golden) }
    return writer.text
  }

  private mutating func write(_ parameter: ParameterDeclaration) {
    writer.open(parameter.name, depth: 1, origin: parameter.location.description)
    for entry in parameter.entries where parameter.value == nil || entry.key != "required" {
      writer.value(
        entry.key, entry.value, depth: 2, origin: entry.value.location.description)
    }
    if let value = parameter.value {
      writer.value(
        "default", node(value, parameter.descriptor.type), depth: 2,
        origin: value.origin.description)
    }
  }

  private mutating func write(_ stage: StageDeclaration) {
    let descriptor = descriptors[stage.use.node.text ?? ""]
    writer.open(stage.name, depth: 1, origin: stage.location.description)
    writer.value("use", stage.use.node, depth: 2, origin: stage.use.origin.description)
    if !stage.inputs.isEmpty {
      writer.open("in", depth: 2)
      for input in stage.inputs { write(input, depth: 3) }
    }
    let defaults =
      writer.showsOrigins
      ? descriptor?.parameters.filter {
        $0.defaultValue != nil && stage.setting($0.name) == nil
      } ?? [] : []
    if !stage.with.isEmpty || !defaults.isEmpty {
      writer.open("with", depth: 2)
      for setting in stage.with {
        writer.value(
          setting.name, node(setting.value, descriptor?.parameter(setting.name)?.type), depth: 3,
          origin: setting.value.origin.description)
      }
      for parameter in defaults {
        guard let value = parameter.defaultValue else { continue }
        writer.value(
          parameter.name,
          YAMLNode(Conversion.normalised(value, as: parameter.type), at: stage.location), depth: 3,
          origin: "default of \(stage.use.node.text ?? "")")
      }
    }
    if !stage.overridable.isEmpty {
      writer.open("overridable", depth: 2)
      for rule in stage.overridable {
        writer.value(rule.name, rule.node, depth: 3, origin: rule.node.location.description)
      }
    }
    for limit in StageDeclaration.Limit.allCases {
      guard let setting = stage.limits[limit] else { continue }
      writer.value(
        limit.rawValue, node(setting, limit.descriptor.type), depth: 2,
        origin: setting.origin.description)
    }
    if let place = stage.groundTruth {
      writer.value("ground_truth", YAMLNode(true, at: place), depth: 2, origin: place.description)
    }
  }

  private mutating func write(_ golden: GoldenDeclaration) {
    writer.open("golden", depth: 0, origin: golden.location.description)
    writer.open("set", depth: 1)
    for setting in golden.set {
      writer.value(
        setting.name,
        node(
          setting.value,
          document.parameterIndex(setting.name).map { document.parameters[$0].descriptor.type }),
        depth: 2, origin: setting.value.origin.description)
    }
    if let truth = golden.truth {
      writer.value("truth", node(truth, .path), depth: 1, origin: truth.origin.description)
    }
    writer.value(
      "outputs", YAMLNode(content: .sequence(golden.outputs), location: golden.location), depth: 1)
    writer.value("max_dice_drop", golden.maximumDiceDrop, depth: 1)
  }

  private mutating func write(_ connection: Connection, depth: Int) {
    writer.value(
      connection.name, connection.reference.node, depth: depth,
      origin: connection.reference.origin.description)
  }

  /// The value as it has to be written to mean the same in a file in the working directory.
  private func node(_ setting: Setting, _ type: ParameterType?) -> YAMLNode {
    var node = setting.node
    if case .scalar(let text, .commandLine) = node.content {
      var ignored = Findings()
      if type != .string, type != .path,
        let parsed = ValueReader.parse(
          commandLine: text, at: node.location, "", &ignored)
      {
        node = parsed
      } else {
        node.content = .scalar(text, .quoted)
      }
    }
    return type.map { relocated(node, $0, setting.folder) } ?? node
  }

  private func relocated(_ node: YAMLNode, _ type: ParameterType, _ folder: String) -> YAMLNode {
    var result = node
    switch (node.content, type) {
    case (.sequence(let elements), .array(let element)):
      result.content = .sequence(elements.map { relocated($0, element, folder) })
    case (.scalar(let text, let style), .path):
      guard let template = Template(text) else { break }
      switch template.pieces.first {
      case .reference(let name):
        // A path in front is complete; a text in front decides only now whether the path is relative.
        if values[name]?.declaration.descriptor.type == .path { break }
        var ignored = Findings()
        let setting = Setting(node: node, folder: folder, origin: Origin(node.location))
        let descriptor = ParameterDescriptor("", .path)
        let reader = ValueReader(parameters: values)
        if let value = reader.value(setting, as: descriptor, "", &ignored).json {
          result = YAMLNode(value, at: node.location)
        }
      default:
        if !text.isEmpty {
          result.content = .scalar(Paths.join(Template.escaped(folder), text), style)
        }
      }
    default: break
    }
    return result
  }
}
