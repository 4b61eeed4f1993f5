internal import PonsKit

extension GraphBuilder {
  /// Reads the values of the manifest's own parameters.
  mutating func readParameters() {
    for declaration in manifest.document.parameters {
      values[declaration.name] = ParameterValue(
        declaration: declaration, reading: reading(of: declaration))
    }
    for (name, location) in manifest.document.brokenParameters {
      let descriptor = ParameterDescriptor(name, .object)
      values[name] = ParameterValue(
        declaration: ParameterDeclaration(
          descriptor: descriptor, location: location, entries: []), reading: .failed)
    }
  }

  private mutating func reading(of declaration: ParameterDeclaration) -> Reading {
    let what = "parameter '\(declaration.name)'"
    if let setting = declaration.value {
      let reader = ValueReader(parameters: nil)
      return reader.value(setting, as: declaration.descriptor, what, &findings)
    }
    if !declaration.descriptor.isRequired { return .absent }
    if requiringValues {
      let type = declaration.descriptor.type.title
      findings.error(
        declaration.location, "\(what) (\(type)) is required and has no value",
        hint: "set it with --set \(declaration.name)=...")
    }
    return .failed
  }

  /// Reads `with:` and fills in the defaults.
  mutating func readSettings(_ stage: inout Stage, _ descriptor: StageDescriptor) {
    let name = stage.declaration.name
    let reader = ValueReader(parameters: values)
    for setting in stage.declaration.with {
      guard let parameter = descriptor.parameter(setting.name) else {
        findings.error(
          setting.nameLocation,
          "'\(descriptor.id)' has no parameter '\(YAMLNode.shortened(setting.name))' (stage '\(name)')",
          hint: Suggestion.hint(
            for: setting.name, among: descriptor.parameters.map(\.name), noun: "parameters"))
        continue
      }
      let what = "'\(setting.name)' of stage '\(name)'"
      switch reader.value(setting.value, as: parameter, what, &findings) {
      case .value(let value): stage.parameters[setting.name] = value
      case .absent where parameter.isRequired:
        findings.error(
          setting.value.location,
          "\(what) is required, and the parameter that it refers to has no value",
          hint: "give the parameter a default, or make it 'required: true'")
      case .absent, .failed: break
      }
    }
    for parameter in descriptor.parameters where stage.parameters[parameter.name] == nil {
      let isSet = stage.declaration.setting(parameter.name) != nil
      if let value = parameter.defaultValue {
        stage.parameters[parameter.name] = Conversion.normalised(value, as: parameter.type)
      } else if parameter.isRequired, !isSet {
        let place =
          stage.declaration.use.isEdit
          ? stage.declaration.use.location : stage.declaration.location
        let unit = parameter.unit.map { ", in \($0)" } ?? ""
        findings.error(
          place,
          "stage '\(name)' needs the parameter '\(parameter.name)' of '\(descriptor.id)' (\(parameter.type.title)\(unit))",
          hint: "add 'with: {\(parameter.name): ...}'")
      }
    }
  }

  /// Reads threads, min_cases and so on.
  mutating func readLimits(_ stage: inout Stage) {
    let reader = ValueReader(parameters: values)
    for limit in StageDeclaration.Limit.allCases {
      guard let setting = stage.declaration.limits[limit] else { continue }
      let what = "'\(limit.rawValue)' of stage '\(stage.declaration.name)'"
      let needsAll = limit == .minimumCases || limit == .maximumQuarantined
      if needsAll, let descriptor = stage.descriptor, descriptor.schedule != .allCases {
        findings.error(
          setting.location,
          "\(what) belongs to stages that gather all cases; '\(descriptor.id)' does not",
          hint: "remove it")
      }
      let reading = reader.value(setting, as: limit.descriptor, what, &findings)
      if let value = reading.json?.integer { stage.limits[limit] = Int(value) }
      if let value = reading.json?.bool { stage.limits[limit] = value ? 1 : 0 }
    }
  }

  /// Checks references to parameters where the stage is not known and nothing else can be checked.
  mutating func checkReferences(_ declaration: StageDeclaration) {
    var names: Set<String> = []
    for setting in declaration.with {
      names = []
      setting.value.node.collectReferences(into: &names)
      for name in names.sorted() where values[name] == nil {
        findings.error(
          setting.value.location, "there is no parameter '\(YAMLNode.shortened(name))'",
          hint: Suggestion.hint(for: name, among: values.keys.sorted(), noun: "parameters"))
      }
    }
  }
}
