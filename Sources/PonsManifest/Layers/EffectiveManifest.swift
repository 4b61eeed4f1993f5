public import PonsKit

/// A manifest with everything that changes it applied: bases, overlays in their order, the command line. Every value
/// knows where it comes from. What only the stages can tell (types, ranges, ports) is not checked yet.
public struct EffectiveManifest: Sendable {
  var document: ManifestDocument
  /// Every change with what it replaced, to be checked when the stages are known.
  var changes: [LayerChange]
  var removals: [GraphChange]
  var findings: Findings
  /// Plugin files and folders, those of the manifest first, then those of the overlays.
  public let plugins: [PluginReference]
  /// The files that it was read from: the manifest, then what changes it, in the order in which it does.
  public let files: [String]

  /// Reads and applies everything that the request names.
  ///
  /// Errors in the content (an unknown key, an unmatched path) do not stop here: ``graph(stages:requiringValues:)``
  /// reports them together with its own, and ``errors`` shows them before that.
  ///
  /// - Throws: ``ManifestErrors`` when a file cannot be read at all: it is not there, is no YAML, or is no manifest.
  public init(_ request: ManifestRequest) throws(ManifestErrors) {
    var loader = DocumentLoader(readFile: request.readFile)
    let (manifest, bases) = loader.chain(request.manifest)
    var overlays = bases
    for file in request.overlays {
      if let overlay = loader.overlay(file, changing: request.manifest) { overlays.append(overlay) }
    }
    guard let manifest, !loader.isIncomplete else {
      throw ManifestErrors(loader.findings.sorted.filter { $0.severity == .error })
    }
    var application = LayerApplication(document: manifest, findings: loader.findings)
    for overlay in overlays {
      if let additions = overlay.additions { application.add(additions) }
      application.remove(overlay.removals)
      application.apply(swaps: overlay.swaps, edits: overlay.edits)
    }
    if request.isGolden {
      for setting in application.document.golden?.set ?? [] {
        if let index = application.document.parameterIndex(setting.name) {
          application.document.parameters[index].value = setting.value
        }
      }
    }
    application.apply(
      assignments: request.assignments, reason: request.reason, by: request.by)
    document = application.document
    changes = application.changes
    removals = application.removals
    findings = application.findings
    plugins = manifest.plugins + overlays.flatMap(\.plugins)
    files = [manifest.file] + overlays.map(\.file)
  }

  /// The manifest's `name:`.
  public var name: String { document.name }
  /// The manifest's `description:`.
  public var description: String? { document.settings["description"]?.node.text }
  /// The file that holds the manifest itself: the last of the bases.
  public var file: String { document.file }

  /// The manifest's golden cases.
  public var golden: GoldenCases? {
    document.golden.map { golden in
      GoldenCases(
        outputs: golden.outputs.compactMap(\.text), maximumDiceDrop: golden.limit,
        truth: golden.truth.map { Paths.join($0.folder, $0.node.text ?? "") })
    }
  }

  /// The file that an overlay names as what it changes; nil when it names none, or is itself a manifest.
  ///
  /// - Throws: ``ManifestErrors`` when the file cannot be read, or is no YAML.
  public static func base(
    of file: String, readFile: @escaping (String) throws -> [UInt8]
  ) throws(ManifestErrors) -> String? {
    try DocumentLoader(readFile: readFile).base(of: file)
  }

  /// What is wrong with the content as far as it can be said without the stages.
  public var errors: [Diagnostic] { findings.sorted.filter { $0.severity == .error } }

  /// What does no harm but is probably not meant: parameters that nothing refers to.
  public var warnings: [Diagnostic] {
    var used: Set<String> = []
    for stage in document.stages {
      let settings = stage.with.map(\.value) + Array(stage.limits.values)
      for setting in settings { setting.node.collectReferences(into: &used) }
    }
    return document.parameters.filter { !used.contains($0.name) }.map {
      Diagnostic(
        $0.location, "the parameter '\($0.name)' is declared and not used",
        hint: "refer to it with ${\($0.name)}, or remove it", severity: .warning)
    }
  }

  /// Checks everything and resolves every name and value.
  ///
  /// - Parameters:
  ///   - stages: every stage that is known.
  ///   - requiringValues: whether required parameters of the manifest must have a value. Without, a manifest can be
  ///     checked and drawn before it is known what it will be run on; such a graph cannot be run.
  /// - Throws: ``ManifestErrors`` with every error of all files.
  public func graph(
    stages: [StageDescriptor], requiringValues: Bool = true
  ) throws(ManifestErrors) -> Graph {
    var builder = GraphBuilder(self, stages: stages, requiringValues: requiringValues)
    return try builder.graph()
  }
}

extension YAMLNode {
  /// Adds the names of all parameters that the value refers to.
  func collectReferences(into names: inout Set<String>) {
    switch content {
    case .scalar(let text, _): names.formUnion(Template(text)?.references ?? [])
    case .sequence(let elements):
      for element in elements { element.collectReferences(into: &names) }
    case .mapping(let entries):
      for entry in entries { entry.value.collectReferences(into: &names) }
    }
  }
}
