public import PonsKit
public import PonsManifest

/// Everything a run needs beside the graph's own content.
public struct RunConfiguration: Sendable {
  /// The checked manifest.
  public var graph: Graph
  /// A provider for every stage id in the graph.
  public var providers: [String: any StageProvider]
  /// Folder of the results; made when it is not there.
  public var output: String
  /// Folder of the packet store and of scratch; made when it is not there.
  public var work: String
  /// File with the site key that pseudonymises case names; made on first use, mode 0600.
  public var siteKeyFile: String
  /// How many calls may run at the same time. Never changes results.
  public var jobs: Int
  /// Bytes of packets that may be held in memory before sources wait.
  public var memoryBudget: Int
  /// Seed of all randomness.
  public var seed: UInt64
  /// What is to be known later about how the run came about: manifest, origins of values, plugins. An object that is kept with
  /// the run and is part of no key.
  public var about: JSON = [:]

  /// Everything a run needs.
  public init(
    graph: Graph, providers: [String: any StageProvider], output: String, work: String,
    siteKeyFile: String, jobs: Int, memoryBudget: Int, seed: UInt64 = 0
  ) {
    self.graph = graph
    self.providers = providers
    self.output = output
    self.work = work
    self.siteKeyFile = siteKeyFile
    self.jobs = jobs
    self.memoryBudget = memoryBudget
    self.seed = seed
  }
}
