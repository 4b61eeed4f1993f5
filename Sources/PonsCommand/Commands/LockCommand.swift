internal import PonsEngine
internal import PonsKit

extension CommandDefinition {
  static let lock: CommandDefinition = .init(
    "lock", "Writes down all that the results of a manifest depend on",
    discussion: """
      The lock file has the digests of the manifest and its overlays, of the plugins and the libraries \
      beside them, of models and files that parameters name, and of Pons itself, and all settings. \
      "pons run --locked" compares every one, names each difference, and runs only when there is \
      none (exit code 5 otherwise). Only the plugins in the lock are loaded, from copies in memory that \
      nobody can change any more; no other plugin's code runs.

      What sources of cases read is the input, and not locked. A lock belongs to one machine: \
      what the libraries of plugins say about the processor is part of it.

      A site can also say for all runs which plugins may be loaded: /etc/pons/plugins.allow, as \
      sha256sum writes it. It has to belong to root, and nobody else may write to it or to the folders \
      above it.
      """,
    operands: [.manifest],
    options: [.set, .reason, .by, .overlay, .seed, .lockFile, .plugins, .color],
    examples: [
      .init(
        "pons lock predict --overlay our-site.yaml --set input=inbox --set model=unet.safetensors",
        "Lock what a site runs every night"),
      .init(
        "pons run predict --overlay our-site.yaml --set input=inbox --set model=unet.safetensors --locked",
        "Run it, or be told what changed"),
    ]
  ) { invocation, context in
    let manifest = try LoadedManifest(invocation, context)
    let graph = try manifest.graph(console: context.console)
    let configuration = RunConfiguration(
      graph: graph, providers: try manifest.providers(for: graph), invocation, context)
    let lock = try LockFile(manifest, configuration, context)
    let path = LockFile.path(invocation)
    do {
      try FileSystem.write(lock.json.pretty + "\n", to: path)
    } catch {
      throw CommandFailure("\(path.printable) cannot be written: \(error)")
    }
    let counts = ["documents", "plugins", "models", "files"].compactMap { name -> String? in
      let count = lock.sections[name]?.count ?? 0
      return count > 0 ? count.counted(String(name.dropLast())) : nil
    }
    context.console.print("\(path.printable): \(counts.joined(separator: ", "))")
    return .success
  }
}
