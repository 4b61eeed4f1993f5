internal import PonsKit

extension GraphBuilder {
  /// Checks that golden cases set parameters that there are, to values that they can have, and compare outputs that there are.
  mutating func checkGolden() {
    guard let golden = manifest.document.golden else { return }
    let reader = ValueReader(parameters: nil)
    for setting in golden.set {
      let name = setting.name
      guard let declaration = values[name]?.declaration else {
        if manifest.document.brokenParameters[name] != nil { continue }
        findings.error(
          setting.nameLocation,
          "'golden' sets '\(YAMLNode.shortened(name))', which is no parameter of the manifest",
          hint: Suggestion.hint(
            for: name, among: manifest.document.parameters.map(\.name), noun: "parameters"))
        continue
      }
      _ = reader.value(
        setting.value, as: declaration.descriptor, "'\(name)' of the golden cases", &findings)
    }
    let outputs = manifest.document.outputs.map(\.name)
    for node in golden.outputs where !outputs.contains(node.text ?? "") {
      findings.error(
        node.location,
        "'golden' compares the output '\(YAMLNode.shortened(node.text ?? ""))', which there is not",
        hint: Suggestion.hint(for: node.text ?? "", among: outputs, noun: "outputs"))
    }
  }
}
