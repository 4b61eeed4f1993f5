internal import PonsHost
internal import PonsKit

extension CommandDefinition {
  static let doctor: CommandDefinition = .init(
    "doctor", "Shows what this installation uses, and what is wrong with it",
    discussion: """
      Opens every plugin in a process of its own and asks it for the libraries that its results \
      depend on: their versions, instruction sets and kernels are those that are in use, not those \
      that were installed at some time. Warnings do not change the exit code; a plugin that cannot \
      be used does. It also says what stages in processes of their own cannot do on this machine.
      """,
    options: [.plugins, .json, .color],
    examples: [.init("pons doctor", "See which LibTorch and BLAS compute")]
  ) { invocation, context in
    let catalogue = try context.services.catalogue(
      CatalogueRequest(folders: invocation.list("plugins")), context)
    let diagnosis = Diagnosis(catalogue, sandbox: Sandbox.available())
    if invocation.has("json") {
      context.console.print(diagnosis.json.canonical)
    } else {
      context.console.out.write(diagnosis.text(style: context.console.outStyle))
    }
    return diagnosis.problems.isEmpty ? .success : .failure
  }
}

/// What an installation consists of.
struct Diagnosis {
  /// One plugin with the libraries that it computes with.
  struct Plugin {
    var name: String
    var version: String
    var file: String
    var stages: Int
    var libraries: [LibraryInUse]
  }

  /// By name.
  let plugins: [Plugin]
  /// What cannot be used, and why.
  let problems: [StageCatalogue.Problem]
  /// What isolated stages give up; nil when no worker can be started.
  let sandbox: Sandbox?

  init(_ catalogue: StageCatalogue, sandbox: Sandbox? = nil) {
    self.sandbox = sandbox
    var plugins: [Plugin] = []
    var problems = catalogue.problems
    let files = Dictionary(grouping: catalogue.entries, by: \.file)
    for (file, entries) in files {
      var plugin = Plugin(
        name: entries[0].plugin, version: entries[0].version, file: file, stages: entries.count,
        libraries: [])
      switch catalogue.libraries(file) {
      case .success(let libraries): plugin.libraries = libraries
      case .failure(let problem): problems.append(problem)
      }
      plugins.append(plugin)
    }
    self.plugins = plugins.sorted { ($0.name, $0.file) < ($1.name, $1.file) }
    self.problems = problems
  }

  /// Every library once, with the plugins that use it.
  var libraries: [(library: LibraryInUse, plugins: [String])] {
    var users: [LibraryInUse: [String]] = [:]
    for plugin in plugins {
      for library in plugin.libraries { users[library, default: []].append(plugin.name) }
    }
    return users.map { (library: $0.key, plugins: $0.value) }.sorted {
      ($0.library.name, $0.library.identity) < ($1.library.name, $1.library.identity)
    }
  }

  var json: JSON {
    [
      "version": .string(ProgramVersion.text),
      "abi": .string(ProgramVersion.interface),
      "plugins": .array(
        plugins.map {
          [
            "name": .string($0.name), "version": .string($0.version), "file": .string($0.file),
            "stages": .integer(Int64($0.stages)),
            "libraries": .array($0.libraries.map(\.json)),
          ]
        }),
      "problems": .array(problems.map(\.json)),
      "isolation": [
        "available": .bool(sandbox != nil), "files": .bool(sandbox?.contains(.files) ?? false),
        "calls": .bool(sandbox?.contains(.calls) ?? false),
        "network": .bool(sandbox.map { $0.contains(.calls) || $0.contains(.network) } ?? false),
        "control_groups": .bool(Sandbox.limitsMemory),
      ],
    ]
  }

  func text(style: Style) -> String {
    var text = "pons \(ProgramVersion.text) (plugin interface \(ProgramVersion.interface))\n"
    text += "\n" + style.bold("Plugins") + "\n"
    let width = plugins.map(\.name.count).max() ?? 0
    for plugin in plugins {
      let name = plugin.name + String(repeating: " ", count: width - plugin.name.count)
      let stages = plugin.stages == 1 ? "1 stage" : "\(plugin.stages) stages"
      text += "  \(name)  \(plugin.version)  \(stages)\n"
    }
    if !libraries.isEmpty { text += "\n" + style.bold("Libraries that results depend on") + "\n" }
    for (library, users) in libraries {
      text += "  \(library.line)" + style.dim("  (\(users.joined(separator: ", ")))") + "\n"
      if !library.warning.isEmpty { text += "    warning: \(library.warning)\n" }
    }
    text += "\n" + style.bold("Isolated stages") + "\n"
    text += "  \(sandbox?.description ?? "cannot be started: pons-worker does not run")\n"
    for missing in sandbox?.missing ?? [] { text += "    warning: \(missing)\n" }
    text += "  their memory is "
    text +=
      Sandbox.limitsMemory ? "limited by the kernel (control groups)\n" : "looked at every 50 ms\n"
    for problem in problems {
      text += "\n" + "problem: \(problem.file.printable): \(problem.message)\n"
      if !problem.hint.isEmpty { text += "  hint: \(problem.hint)\n" }
    }
    let warnings =
      libraries.count { !$0.library.warning.isEmpty } + (sandbox?.missing.count ?? 1)
    text += "\n"
    if problems.isEmpty && warnings == 0 {
      text += "Everything can be used.\n"
    } else {
      text += "\(problems.count) problems, \(warnings) warnings.\n"
    }
    return text
  }
}

extension LibraryInUse {
  /// Name, version and what else changes results: `LibTorch 1.13.0, AVX2`.
  var line: String { "\(name) \(version)" + (detail.isEmpty ? "" : ", \(detail)") }
}
