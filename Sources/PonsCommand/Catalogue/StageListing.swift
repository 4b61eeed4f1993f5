internal import PonsKit

/// Stages as text for people.
struct StageListing {
  let style: Style
  let width: Int

  /// One line a stage, below the plugin it comes from.
  func list(_ catalogue: StageCatalogue) -> String {
    guard !catalogue.entries.isEmpty else { return "no stages were found\n" }
    let files = Dictionary(grouping: catalogue.entries, by: \.file)
    let blocks = files.keys.sorted().map { file in
      let entries = files[file] ?? []
      let rows = entries.map { (label: $0.descriptor.id, text: line($0.descriptor)) }
      let title =
        style.bold(entries.first?.plugin.printable ?? "") + style.dim("  " + file.printable)
      return title + "\n" + TextLayout.table(rows, width: width) { style.accent($0) }
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// `Reads images. in -> out`
  private func line(_ stage: StageDescriptor) -> String {
    let inputs = stage.inputs.map(role).joined(separator: ", ")
    let outputs = stage.outputs.map(role).joined(separator: ", ")
    let arrow = style.isUnicode ? "→" : "->"
    let ports = [inputs, arrow, outputs].filter { !$0.isEmpty }.joined(separator: " ")
    return "\(stage.summary.printable)\n  \(ports)"
  }

  /// `volume`, `a: mask all`, `model once`, `hints?`
  private func role(_ port: PortDescriptor) -> String {
    var text = port.name == port.kind ? port.name : "\(port.name): \(port.kind)"
    switch port.flow {
    case .input(.all): text += " (all)"
    case .input(.once): text += " (once)"
    case .output(.newCases): text += port.sendsCaseKeys ? " (other keys)" : " (new cases)"
    case .output(.one): text += " (one)"
    case .input(.each), .output(.perCase): break
    }
    return port.isOptional ? "[\(text)]" : text
  }

  /// Everything about one stage.
  func details(_ entry: StageCatalogue.Entry) -> String {
    let stage = entry.descriptor
    var blocks = [
      "\(style.bold(stage.id)) \(stage.version)  \(stage.summary.printable)",
      TextLayout.table(
        [("plugin", "\(entry.plugin) (\(entry.file.printable))"), ("calls", calls(stage))]
          + (traits(stage).isEmpty ? [] : [("traits", traits(stage))]), width: width),
    ]
    add("Inputs", stage.inputs.map { ($0.name, describe($0)) })
    add("Outputs", stage.outputs.map { ($0.name, describe($0)) })
    add("Parameters", stage.parameters.map { ($0.name, describe($0)) })
    return blocks.joined(separator: "\n\n") + "\n"

    func add(_ title: String, _ rows: [(String, String)]) {
      guard !rows.isEmpty else { return }
      blocks.append(
        style.bold(title) + "\n" + TextLayout.table(rows, width: width) { style.accent($0) })
    }
  }

  private func calls(_ stage: StageDescriptor) -> String {
    let schedule =
      switch stage.schedule {
      case .source: "a source: lists its cases, then reads each"
      case .eachCase: "once a case"
      case .allCases: "once, when all cases have arrived"
      case .once: "once"
      }
    let concurrency =
      switch stage.concurrency {
      case .perProcess: "one call at a time"
      case .perInstance: "one call at a time in each place of a manifest"
      case .parallel: "any number of calls at the same time"
      }
    return "\(schedule); \(concurrency)"
  }

  private func traits(_ stage: StageDescriptor) -> String {
    var traits = [String]()
    if stage.isDeterministic { traits.append("deterministic") }
    if stage.usesGPU { traits.append("can use a GPU") }
    if stage.isTerminal { traits.append("may see ground truth") }
    if stage.isTransient { traits.append("results are not kept") }
    if stage.takesAnyThreads { traits.append("uses the threads that are free") }
    if stage.parsesForeignBytes { traits.append("parses foreign files, in a process of its own") }
    return traits.joined(separator: ", ")
  }

  private func describe(_ port: PortDescriptor) -> String {
    var facts = [port.kind]
    switch port.flow {
    case .input(.each): facts.append("one a case")
    case .input(.all): facts.append(port.isUnjoined ? "of all cases, not joined" : "of all cases")
    case .input(.once): facts.append("a single one")
    case .output(.perCase): facts.append("one a case")
    case .output(.newCases):
      facts.append(port.sendsCaseKeys ? "cases under other keys" : "new cases")
    case .output(.one): facts.append("one a run")
    }
    if port.asksForAbsent { facts.append("with the reasons for missing ones") }
    if port.isOptional { facts.append("optional") }
    if port.isGroundTruth { facts.append("ground truth") }
    if !port.elementTypes.isEmpty {
      facts.append("voxels \(port.elementTypes.map(\.rawValue).joined(separator: " or "))")
    }
    if let other = port.sameGrid { facts.append("same grid as \(other)") }
    return sentence(facts, port.summary)
  }

  private func describe(_ parameter: ParameterDescriptor) -> String {
    var facts = [parameter.type.words]
    if let unit = parameter.unit { facts.append("in \(unit)") }
    if !parameter.allowed.isEmpty {
      facts.append("one of \(parameter.allowed.map(\.canonical).joined(separator: ", "))")
    }
    switch (parameter.minimum, parameter.maximum) {
    case (let low?, let high?):
      facts.append("from \(JSON.number(low).short) to \(JSON.number(high).short)")
    case (let low?, nil): facts.append("at least \(JSON.number(low).short)")
    case (nil, let high?): facts.append("at most \(JSON.number(high).short)")
    case (nil, nil): break
    }
    if let value = parameter.defaultValue {
      facts.append("default \(value.canonical)")
    } else {
      facts.append(parameter.isRequired ? "required" : "optional")
    }
    if !parameter.affectsResult && parameter.type != .path { facts.append("never changes results") }
    return sentence(facts, parameter.summary)
  }

  private func sentence(_ facts: [String], _ summary: String) -> String {
    let head = style.dim(facts.joined(separator: ", "))
    return summary.isEmpty ? head : "\(summary.printable)\n\(facts.joined(separator: ", "))"
  }
}

extension ParameterType {
  /// The type for people.
  var words: String {
    switch self {
    case .string: "text"
    case .path: "path"
    case .integer: "integer"
    case .number: "number"
    case .boolean: "true or false"
    case .array(let element): "list of \(element.words)"
    case .object: "mapping"
    }
  }
}

extension JSON {
  /// A number as people write it: `3` instead of `3.0`.
  fileprivate var short: String { integer.map { String($0) } ?? canonical }
}
