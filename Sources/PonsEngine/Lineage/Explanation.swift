public import PonsKit

/// How a result came about: the calls behind it, from the result back to the sources.
public struct Explanation: Sendable {
  /// A packet that a call got or sent.
  public struct PacketReference: Sendable, Hashable {
    /// The case; nil for packets of the run as a whole.
    public var caseKey: String?
    /// SHA-256 that names the packet.
    public var identity: String
  }

  /// A connected input port of a call.
  public struct Input: Sendable, Hashable {
    /// The port.
    public var port: String
    /// The stage that it comes from, by its name in the manifest.
    public var stage: String
    /// The output port of that stage.
    public var output: String
    /// One packet, none (optional), or the cohort.
    public var packets: [PacketReference]
  }

  /// A packet that a call sent.
  public struct Output: Sendable, Hashable {
    /// The port.
    public var port: String
    /// `volume`, `mask`, ...
    public var kind: String
    /// What it is known by.
    public var packet: PacketReference
    /// The port that it came in at, when it was passed on as it was.
    public var forwarded: String?
    /// SHA-256 of its file in the store, when it has one; it was compared.
    public var digest: String?
    /// Shapes of its tensors by name, when the store has the content.
    public var shapes: [String: [Int]]
    /// What the stage says about it; no patient data. Nil when the store does not have it.
    public var metadata: JSON?
    /// Provenance with patient data: UIDs, names of files.
    public var sidecar: JSON?
    /// A few values of small kinds: rows of a table, labels of slices, prompts, the size of a mask.
    public var values: JSON?
    /// What is wrong with the content in the store.
    public var problem: String?
  }

  /// A parameter that results depend on, or a path.
  public struct Parameter: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: JSON
    /// Whether it is part of the key.
    public var affectsResult: Bool
    /// Whether it names files or folders, and so may tell who a patient is.
    public var isPath: Bool
  }

  /// One call of a stage.
  public struct Step: Sendable {
    /// Name of the stage in the manifest.
    public var stage: String
    /// Stage id.
    public var use: String
    /// Version of the stage.
    public var version: String
    /// SHA-256 of the plugin's code.
    public var code: String
    /// The case; nil for calls that see all cases or none.
    public var caseKey: String?
    /// The key of the call.
    public var key: String
    /// The failure's code when the call failed; nothing else is known of it then.
    public var failure: String?
    /// Whether this run found the result of an earlier one.
    public var isReused: Bool
    /// Seconds that the call took when it was made.
    public var seconds: Double
    /// Seed of the call.
    public var seed: String
    /// Number of threads, or `any` where results do not depend on it.
    public var threads: String
    /// Whether its outputs carry ground truth.
    public var carriesGroundTruth: Bool
    /// Sorted by name.
    public var parameters: [Parameter]
    /// SHA-256 of the files that a source read, in its order.
    public var sources: [String]
    /// SHA-256 of files that parameters name, in their order.
    public var files: [String]
    /// In the order of the ports.
    public var inputs: [Input]
    /// Those of the case that is explained, and those of the run as a whole.
    public var outputs: [Output]
    /// What a filter decided about the case.
    public var verdicts: [Verdict]
  }

  /// Name of the graph.
  public var name: String
  /// Name of the run in the work folder.
  public var run: String
  /// The case that is explained; nil for results of the run as a whole.
  public var caseKey: String?
  /// The declared output that is explained, or nil when all of a case is.
  public var output: String?
  /// What whoever started the run said about it.
  public var about: JSON
  /// From the result to the sources: a call comes before those whose packets it used.
  public var steps: [Step]
  /// Calls that cannot be explained any more, because the store has lost their records.
  public var missing: [String]
}
