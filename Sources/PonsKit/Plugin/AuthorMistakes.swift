/// Mistakes in descriptors that an author can make and a compiler cannot see.
enum AuthorMistakes {
  /// The first mistake as a sentence, or nil.
  static func first(in stages: [StageDescriptor]) -> String? {
    var ids: Set<String> = []
    for stage in stages {
      if !ids.insert(stage.id).inserted { return "two stages have the id '\(stage.id)'" }
      if let mistake = stage.mistake { return "stage '\(stage.id)': \(mistake)" }
    }
    return nil
  }
}

extension StageDescriptor {
  /// Why the descriptor cannot be used, as a phrase, or nil. The host asks the same of plugins in other languages.
  public var mistake: String? {
    if !Self.isIdentifier(id) {
      return "an id is made of a-z, 0-9, '-' and '_' between dots, like 'nifti.read'"
    }
    if version.isEmpty { return "it has no version" }
    for ports in [inputs, outputs] {
      var names: Set<String> = []
      for port in ports {
        if let mistake = port.mistake { return "port '\(port.name)': \(mistake)" }
        if !names.insert(port.name).inserted { return "two ports are named '\(port.name)'" }
        if let other = port.sameGrid, input(other) == nil || (port.isInput && other == port.name) {
          return "port '\(port.name)': '\(other)' (same grid) is no other input"
        }
      }
    }
    return mistakeOfCardinality ?? mistakeOfSchema
  }

  private var mistakeOfCardinality: String? {
    let flows = inputs.map(\.flow)
    if flows.contains(.input(.each)), flows.contains(.input(.all)) {
      return "it has EACH and ALL inputs; it may have one or the other"
    }
    if isSource, !inputs.isEmpty { return "a source has no inputs" }
    if isSource, outputs.contains(where: { $0.flow == .output(.one) }) {
      return "a source sends packets of cases; the cardinality of its outputs is not ONE"
    }
    if isTransient, !isDeterministic { return "only deterministic stages can be transient" }
    let unjoined = inputs.first { $0.isUnjoined && $0.flow != .input(.all) }
    if let unjoined { return "port '\(unjoined.name)': only ALL inputs can be unjoined" }
    let asking = inputs.first { $0.asksForAbsent && $0.flow != .input(.all) }
    if let asking { return "port '\(asking.name)': only ALL inputs can ask for absent cases" }
    let renaming = (inputs + outputs).first { $0.sendsCaseKeys && $0.flow != .output(.newCases) }
    if let renaming {
      return "port '\(renaming.name)': only outputs of new cases can send under keys of cases"
    }
    return nil
  }

  private var mistakeOfSchema: String? {
    do throws(StageFailure) {
      try ParameterSchema(parameters).check()
      return nil
    } catch {
      return error.message
    }
  }

  static func isIdentifier(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.allSatisfy { part in
      guard let first = part.utf8.first, (0x61...0x7a).contains(first) else { return false }
      return part.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
          || $0 == UInt8(ascii: "-")
      }
    }
  }
}

extension PortDescriptor {
  fileprivate var mistake: String? {
    if !ParameterSchema.isName(name) { return "a port's name is [a-z][a-z0-9_]*" }
    if !StageDescriptor.isIdentifier(kind) { return "'\(kind)' is no name of a kind" }
    if !isInput, kind == Self.anyKind { return "only inputs take every kind" }
    return nil
  }
}
