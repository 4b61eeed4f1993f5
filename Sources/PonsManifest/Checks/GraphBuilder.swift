internal import PonsKit

/// Turns an effective manifest into a graph. Every check reports and goes on; a graph comes out only when none did.
struct GraphBuilder {
  /// A stage of the manifest with what was found out about it.
  struct Stage {
    var declaration: StageDeclaration
    /// Nil when no such stage is known.
    var descriptor: StageDescriptor?
    var parameters: [String: JSON] = [:]
    var limits: [StageDeclaration.Limit: Int] = [:]
    var carriesGroundTruth = false
  }

  /// A connection whose both ends exist.
  struct Edge {
    var consumer: Int
    var input: PortDescriptor
    var producer: Int
    var output: PortDescriptor
    var location: SourceLocation
  }

  /// A declared output whose stage and port exist.
  struct Output {
    var name: String
    var producer: Int
    var output: PortDescriptor
  }

  let manifest: EffectiveManifest
  let requiringValues: Bool
  let descriptors: [String: StageDescriptor]
  let stageIDs: [String]
  var findings: Findings
  var values: [String: ParameterValue] = [:]
  var stages: [Stage] = []
  var edges: [Edge] = []
  /// The edges that end in each stage, for all stages that have any.
  var incoming: [Int: [Edge]] = [:]
  var outputs: [Output] = []
  var changes: [GraphChange] = []
  /// Positions in ``stages`` such that inputs come from earlier ones.
  var order: [Int] = []

  init(_ manifest: EffectiveManifest, stages: [StageDescriptor], requiringValues: Bool) {
    self.manifest = manifest
    self.requiringValues = requiringValues
    descriptors = Dictionary(stages.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    stageIDs = descriptors.keys.sorted()
    findings = manifest.findings
    findings.note(file: Origin.commandLine)
  }

  mutating func graph() throws(ManifestErrors) -> Graph {
    readParameters()
    for declaration in manifest.document.stages { stages.append(stage(declaration)) }
    checkChanges()
    checkGolden()
    connect()
    sortTopologically()
    checkCardinalities()
    checkJoins()
    followGroundTruth()
    if !findings.hasErrors, !isComplete {
      findings.error(
        SourceLocation(file: manifest.file, line: 0, column: 0),
        "the manifest cannot be made into a graph, and no check says why",
        hint: "this is an error of Pons: please report it with the manifest")
    }
    try findings.throwErrors()
    return assembled()
  }

  /// Whether everything was resolved. Checks are silent about what follows from an error that was reported elsewhere;
  /// this makes sure that there was one.
  private var isComplete: Bool {
    outputs.count == manifest.document.outputs.count && outputs.isEmpty == stages.isEmpty
      && order.count == stages.count
      && stages.indices.allSatisfy { index in
        guard let descriptor = stages[index].descriptor else { return false }
        let connected = Set((incoming[index] ?? []).map(\.input.name))
        let isConnected = descriptor.inputs.allSatisfy {
          $0.isOptional || connected.contains($0.name)
        }
        let isSet =
          !requiringValues
          || descriptor.parameters.allSatisfy {
            !$0.isRequired || stages[index].parameters[$0.name] != nil
          }
        return isConnected && isSet
          && connected.count == stages[index].declaration.inputs.count
      }
  }

  /// The descriptor of a stage id; reports an unknown one.
  private mutating func descriptor(_ declaration: StageDeclaration) -> StageDescriptor? {
    guard let id = declaration.use.node.text, !id.isEmpty else { return nil }
    if let descriptor = descriptors[id] { return descriptor }
    let nearest = findings.givesHints ? Suggestion.nearest(to: id, among: stageIDs) : nil
    findings.error(
      declaration.use.location, "no plugin has a stage '\(YAMLNode.shortened(id))'",
      hint: nearest.map { "did you mean '\($0)'?" }
        ?? "'pons plugins list' shows every stage; 'plugins:' names files and folders with more")
    return nil
  }

  private mutating func stage(_ declaration: StageDeclaration) -> Stage {
    let descriptor = descriptor(declaration)
    var stage = Stage(declaration: declaration, descriptor: descriptor)
    if let descriptor {
      check(descriptor, at: declaration.use.location)
      readSettings(&stage, descriptor)
      checkRules(declaration, descriptor)
    } else {
      checkReferences(declaration)
    }
    readLimits(&stage)
    if let place = declaration.groundTruth, let descriptor {
      if descriptor.isSource {
        // Marked on the ports, so that whoever gets the graph sees which outputs carry it.
        for index in descriptor.outputs.indices {
          stage.descriptor?.outputs[index].isGroundTruth = true
        }
      } else {
        findings.error(
          place, "'ground_truth' belongs to sources; '\(descriptor.id)' has inputs, which decide it"
        )
      }
    }
    return stage
  }

  private func assembled() -> Graph {
    var position: [Int: Int] = [:]
    for (place, index) in order.enumerated() { position[index] = place }
    let graphStages = order.compactMap { index -> GraphStage? in
      let stage = stages[index]
      guard let descriptor = stage.descriptor else { return nil }
      let inputs = descriptor.inputs.compactMap { port -> GraphInput? in
        guard let edge = incoming[index]?.first(where: { $0.input.name == port.name }),
          let producer = position[edge.producer]
        else { return nil }
        return GraphInput(port: port.name, stage: producer, output: edge.output.name)
      }
      return GraphStage(
        name: stage.declaration.name, descriptor: descriptor, parameters: stage.parameters,
        inputs: inputs, threads: stage.limits[.threads],
        minimumCases: stage.limits[.minimumCases] ?? 1,
        maximumQuarantined: stage.limits[.maximumQuarantined],
        retries: stage.limits[.retries] ?? 0,
        isolation: Isolation(
          isIsolated: stage.limits[.isolate].map { $0 == 1 }, seconds: stage.limits[.timeout],
          cpuSeconds: stage.limits[.cpuTime], memory: stage.limits[.memory]),
        carriesGroundTruth: stage.carriesGroundTruth,
        location: stage.declaration.location)
    }
    return Graph(
      name: manifest.document.name, isUnsupervised: manifest.document.isUnsupervised,
      stages: graphStages,
      outputs: outputs.compactMap { output in
        position[output.producer].map {
          GraphOutput(name: output.name, stage: $0, output: output.output.name)
        }
      }, changes: changes)
  }
}
