internal import PonsKit

/// Checks of how many packets flow, and whether cases can meet.
extension GraphBuilder {
  /// Checks what a stage says about itself as far as a graph depends on it. An error here is one of the plugin.
  mutating func check(_ descriptor: StageDescriptor, at location: SourceLocation) {
    func report(_ text: String) {
      findings.error(
        location, "'\(descriptor.id)' cannot be used: \(text)",
        hint: "this is an error of the plugin; 'pons plugins check' tells its author more")
    }
    let flows = descriptor.inputs.map(\.flow)
    if flows.contains(.input(.each)), flows.contains(.input(.all)) {
      report("it has input ports for each case and input ports for all cases")
    }
    let names = descriptor.inputs.map(\.name)
    for port in descriptor.inputs + descriptor.outputs {
      if let grid = port.sameGrid, !names.contains(grid) {
        report("port '\(port.name)' wants the grid of '\(grid)', which is no input port")
      }
    }
    for port in descriptor.outputs {
      switch (descriptor.schedule, port.flow) {
      case (.once, .output(.perCase)):
        report("port '\(port.name)' gives a packet for each case, but no cases come in")
      case (.eachCase, .output(.one)):
        report("port '\(port.name)' gives one packet a run, but the stage runs for each case")
      default: break
      }
    }
  }

  /// A stage that runs for cases must get some.
  mutating func checkCardinalities() {
    for stage in stages {
      guard let descriptor = stage.descriptor else { continue }
      let caseWise = descriptor.inputs.filter { $0.flow != .input(.once) }
      if caseWise.isEmpty { continue }
      let isConnected = caseWise.contains { stage.declaration.input($0.name) != nil }
      if !isConnected, caseWise.allSatisfy(\.isOptional) {
        let names = caseWise.map { "'\($0.name)'" }.joined(separator: ", ")
        findings.error(
          stage.declaration.location,
          "stage '\(stage.declaration.name)' gets no cases: connect at least one of its inputs \(names)"
        )
      }
    }
  }

  /// Finds inputs that can never hold the same case: one comes from an output that makes new cases, the other does not.
  mutating func checkJoins() {
    // For each stage that runs for cases: the output that made its cases, nil for those of a source.
    var makers: [Int: String] = [:]
    func maker(_ edge: Edge) -> String? {
      // Cases under keys that sources have too can meet those of sources.
      if edge.output.sendsCaseKeys { return nil }
      if edge.output.flow == .output(.newCases) {
        return "\(stages[edge.producer].declaration.name).\(edge.output.name)"
      }
      return makers[edge.producer]
    }
    for index in order {
      let joined = (incoming[index] ?? []).filter {
        $0.input.flow != .input(.once) && !$0.input.isUnjoined
      }
      guard let first = joined.first else { continue }
      for other in joined.dropFirst() where (maker(first) == nil) != (maker(other) == nil) {
        let (new, old) = maker(first) == nil ? (other, first) : (first, other)
        let name = stages[index].declaration.name
        findings.error(
          old.location,
          "the inputs '\(new.input.name)' and '\(old.input.name)' of stage '\(name)' can never hold the same case: '\(new.input.name)' gets cases that '\(maker(new) ?? "")' makes anew, '\(old.input.name)' does not",
          hint: "connect '\(old.input.name)' to a stage that comes after '\(maker(new) ?? "")'")
      }
      makers[index] = joined.compactMap { maker($0) }.first
    }
  }
}
