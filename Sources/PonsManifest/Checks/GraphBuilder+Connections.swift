internal import PonsKit

extension GraphBuilder {
  /// Resolves every `stage.output` and compares both ends.
  mutating func connect() {
    for index in stages.indices { connectInputs(of: index) }
    for output in manifest.document.outputs {
      if let (producer, port) = resolve(output.reference, "output '\(output.name)'", nil) {
        outputs.append(Output(name: output.name, producer: producer, output: port))
      }
    }
    incoming = Dictionary(grouping: edges, by: \.consumer)
    for edge in edges { check(edge) }
  }

  private mutating func connectInputs(of index: Int) {
    let declaration = stages[index].declaration
    let name = declaration.name
    for input in declaration.inputs {
      let what = "input '\(YAMLNode.shortened(input.name))' of stage '\(name)'"
      var port: PortDescriptor?
      if let descriptor = stages[index].descriptor {
        port = descriptor.input(input.name)
        if port == nil {
          let isSwapped = declaration.use.isEdit && !input.reference.isEdit
          findings.error(
            isSwapped ? declaration.use.location : input.nameLocation,
            isSwapped
              ? "'\(descriptor.id)' cannot take the place of stage '\(name)': it has no input port '\(input.name)'"
              : "'\(descriptor.id)' has no input port '\(YAMLNode.shortened(input.name))' (stage '\(name)')",
            hint: descriptor.inputs.isEmpty
              ? "it is a source and has no inputs"
              : Suggestion.hint(
                for: input.name, among: descriptor.inputs.map(\.name), noun: "inputs"))
        }
      }
      guard let (producer, output) = resolve(input.reference, what, index), let port else {
        continue
      }
      var location = input.reference.location
      if !input.reference.isEdit {
        if declaration.use.isEdit {
          location = declaration.use.location
        } else if stages[producer].declaration.use.isEdit {
          location = stages[producer].declaration.use.location
        }
      }
      edges.append(
        Edge(
          consumer: index, input: port, producer: producer, output: output, location: location))
    }
    guard let descriptor = stages[index].descriptor, !declaration.hasBrokenInputs else { return }
    let ports = descriptor.inputs.map(\.name)
    // What a misspelt input probably means need not be reported as missing, too.
    let meant = declaration.inputs.filter { !ports.contains($0.name) }.prefix(20).compactMap {
      Suggestion.nearest(to: $0.name, among: ports)
    }
    for port in descriptor.inputs
    where !port.isOptional && declaration.input(port.name) == nil && !meant.contains(port.name) {
      let place = declaration.use.isEdit ? declaration.use.location : declaration.location
      let offer = offer(for: port, of: index) ?? "STAGE.OUTPUT"
      findings.error(
        place,
        "stage '\(name)': the input port '\(port.name)' (\(port.kind)) of '\(descriptor.id)' is not connected",
        hint: "add 'in: {\(port.name): \(offer)}'")
    }
  }

  /// An output that would fit, to show in a hint.
  private func offer(for port: PortDescriptor, of consumer: Int) -> String? {
    for index in stages.indices.prefix(consumer).reversed() {
      guard let descriptor = stages[index].descriptor, !descriptor.isTerminal else { continue }
      for output in descriptor.outputs where output.kind == port.kind {
        if Self.fits(output, port) { return "\(stages[index].declaration.name).\(output.name)" }
      }
    }
    return nil
  }

  /// Finds stage and port of a reference; reports what does not exist.
  private mutating func resolve(
    _ setting: Setting, _ what: String, _ consumer: Int?
  ) -> (Int, PortDescriptor)? {
    let place = setting.location
    guard let text = setting.node.text else {
      findings.error(place, "\(what) must be 'stage.output', found \(setting.node.summary)")
      return nil
    }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let producer = manifest.document.stageIndex(parts[0]) else {
      let document = manifest.document
      if document.hasUnreadStages || document.brokenStages.contains(parts[0]) { return nil }
      let names = stages.indices.filter { $0 != consumer }.map { stages[$0].declaration.name }
      if parts.count == 2 {
        findings.error(
          place, "\(what): there is no stage '\(YAMLNode.shortened(parts[0]))'",
          hint: Suggestion.hint(for: parts[0], among: names, noun: "stages"))
      } else {
        findings.error(
          place, "\(what) must be 'stage.output', found \(setting.node.summary)",
          hint: Suggestion.hint(for: parts[0], among: names, noun: "stages"))
      }
      return nil
    }
    guard let descriptor = stages[producer].descriptor else { return nil }
    let ports = descriptor.outputs.map(\.name)
    if parts.count == 2, let port = descriptor.output(parts[1]) { return (producer, port) }
    if parts.count != 2 {
      let hint =
        ports.count == 1
        ? "write '\(parts[0]).\(ports[0])'" : "outputs: \(ports.joined(separator: ", "))"
      findings.error(
        place, "\(what) must be 'stage.output', found \(setting.node.summary)", hint: hint)
      return nil
    }
    let use = stages[producer].declaration.use
    let isSwapped = use.isEdit && !setting.isEdit
    findings.error(
      isSwapped ? use.location : place,
      isSwapped
        ? "'\(descriptor.id)' cannot take the place of stage '\(parts[0])': it has no output port '\(parts[1])', which \(what) needs"
        : "\(what): '\(descriptor.id)' has no output port '\(YAMLNode.shortened(parts[1]))' (stage '\(parts[0])')",
      hint: Suggestion.hint(for: parts[1], among: ports, noun: "outputs"))
    return nil
  }

  private mutating func check(_ edge: Edge) {
    let from = "'\(stages[edge.producer].declaration.name).\(edge.output.name)'"
    let to = "input '\(edge.input.name)' of stage '\(stages[edge.consumer].declaration.name)'"
    if edge.input.kind != PortDescriptor.anyKind, edge.input.kind != edge.output.kind {
      let others =
        stages[edge.producer].descriptor?.outputs.filter { $0.kind == edge.input.kind } ?? []
      let name = stages[edge.producer].declaration.name
      findings.error(
        edge.location,
        "\(to) takes packets of kind '\(edge.input.kind)', but \(from) gives '\(edge.output.kind)'",
        hint: others.first.map { "did you mean '\(name).\($0.name)'?" } ?? "")
    } else {
      let given = edge.output.elementTypes
      let taken = edge.input.elementTypes
      if !given.isEmpty, !taken.isEmpty, Set(given).isDisjoint(with: taken) {
        findings.error(
          edge.location,
          "\(to) takes elements of type \(Self.list(taken)), but \(from) gives \(Self.list(given))",
          hint: "put a stage between them that converts")
      }
    }
    if stages[edge.producer].descriptor?.isTerminal == true {
      findings.error(
        edge.location,
        "\(to) cannot be connected to \(from): '\(stages[edge.producer].descriptor?.id ?? "")' is a terminal stage, whose outputs are results and flow nowhere else",
        hint: "declare it under 'outputs:', or connect the stage before it")
    }
    if !Self.fits(edge.output, edge.input), case .input(let cardinality) = edge.input.flow {
      if edge.output.flow == .output(.one) {
        findings.error(
          edge.location,
          "\(to) takes a packet for \(cardinality == .each ? "each case" : "every case"), but \(from) gives one packet a run",
          hint: "connect it to a stage that gives a packet for each case")
      } else {
        findings.error(
          edge.location,
          "\(to) takes one packet for the whole run, but \(from) gives one for each case",
          hint: "put a stage between them that gathers all cases (training, for example)")
      }
    }
  }

  /// Whether as many packets come out as go in.
  private static func fits(_ output: PortDescriptor, _ input: PortDescriptor) -> Bool {
    (output.flow == .output(.one)) == (input.flow == .input(.once))
  }

  private static func list(_ types: [ElementType]) -> String {
    types.map(\.rawValue).joined(separator: ", ")
  }
}
