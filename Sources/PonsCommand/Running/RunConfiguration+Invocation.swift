internal import PonsEngine
internal import PonsManifest

extension RunConfiguration {
  /// A run as the command line asks for it.
  init(
    graph: Graph, providers: [String: any StageProvider], _ invocation: Invocation,
    _ context: CommandContext
  ) {
    let output = invocation.value("output") ?? "pons-output"
    self.init(
      graph: graph, providers: providers, output: output,
      work: invocation.value("work") ?? FilePaths.join(output, ".pons"),
      siteKeyFile: Self.siteKeyFile(context.environment),
      jobs: invocation.integer("jobs") ?? ProcessSurroundings.cores(),
      memoryBudget: invocation.bytes("memory") ?? Self.defaultMemory,
      seed: UInt64(invocation.integer("seed") ?? 0))
  }

  /// 1 GiB, at most half of the machine's memory.
  private static var defaultMemory: Int {
    let half = ProcessSurroundings.memory() / 2
    return half > 0 ? min(1 << 30, half) : 1 << 30
  }

  /// One key a user, unless the site says otherwise: the same cases have the same keys in all runs.
  private static func siteKeyFile(_ environment: [String: String]) -> String {
    if let named = environment["PONS_SITE_KEY"], !named.isEmpty { return named }
    if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") {
      return FilePaths.join(folder, "pons/site.key")
    }
    return FilePaths.join(environment["HOME"] ?? "/", ".config/pons/site.key")
  }
}
