internal import Glibc
public import PonsKit

/// The memory of a work folder: which calls a run made, from what, and with what result.
public struct Lineage: Sendable {
  private struct Name: Hashable {
    let stage: Int
    let caseKey: String?
  }

  private let store: PacketStore
  private let record: RunRecord
  private let parts: [StageParts?]
  private let calls: [Name: LoggedCall]

  /// The names of the runs that a work folder knows, the latest first.
  public static func runs(work: String) -> [String] { RunRecord.names(work: work) }

  /// Opens the memory of a run.
  ///
  /// - Parameter run: its name, as `summary.json` has it; nil for the latest.
  /// - Throws: `StageFailure` of category `resource` when the folder is no work folder, or does not know the run.
  public init(work: String, run: String? = nil) throws {
    guard access("\(work)/runs", F_OK) == 0 else {
      throw StageFailure(
        .resource, code: "NO_WORK_FOLDER", "there is no work folder '\(FileSystem.lastPart(work))'",
        hint: "name the folder that the run used with --work")
    }
    store = try PacketStore(work: work, isReading: true)
    guard let name = run ?? RunRecord.names(work: work).first,
      let record = RunRecord.load(work: work, run: name)
    else {
      throw StageFailure(
        .resource, code: "UNKNOWN_RUN",
        run.map { "the work folder does not know the run \($0)" }
          ?? "the work folder knows no run",
        hint: "it was cleaned since, or another one was used: name it with --work")
    }
    self.record = record
    parts = record.stages.map { StageParts.load(work: work, digest: $0.parts) }
    var calls: [Name: LoggedCall] = [:]
    for call in CallLog.read("\(work)/runs/\(name).calls") {
      calls[Name(stage: call.stage, caseKey: call.caseKey)] = call
    }
    self.calls = calls
  }

  /// The name of the run.
  public var run: String { record.run }
  /// What whoever started the run said about it.
  public var about: JSON { record.about }
  /// The names of the declared outputs.
  public var outputs: [String] { record.outputs.map(\.name) }

  /// How one declared output of a case, or of the run, came about.
  ///
  /// - Parameter deep: also walks through the calls for other cases, whose packets stages that see all cases got.
  /// - Throws: `StageFailure` when the run has no such output.
  public func explain(output: String, caseKey: String?, deep: Bool = false) throws -> Explanation {
    guard let sink = record.outputs.first(where: { $0.name == output }) else {
      throw StageFailure(
        .badParameter, code: "UNKNOWN_OUTPUT", "the run has no output '\(output)'",
        hint: "its outputs: \(outputs.joined(separator: ", "))")
    }
    var walk = Walk(caseKey: caseKey, deep: deep)
    guard
      let call = producer(of: nil, stage: sink.stage, port: sink.output, caseKey: caseKey)
    else {
      throw StageFailure(
        .badParameter, code: "NO_SUCH_RESULT",
        "the run made no '\(output)'" + (caseKey.map { " for the case \($0)" } ?? ""),
        hint: caseKey.map { "pons explain \($0) tells what happened to the case" } ?? "")
    }
    visit(call, &walk)
    return explanation(walk, output: output)
  }

  /// Everything that the run called for a case.
  ///
  /// - Throws: `StageFailure` when the run knows no such case.
  public func explain(caseKey: String, deep: Bool = false) throws -> Explanation {
    var walk = Walk(caseKey: caseKey, deep: deep)
    for call in calls.values.filter({ $0.caseKey == caseKey }).sorted(by: { $0.stage < $1.stage }) {
      visit(call, &walk)
    }
    // Stages that see all cases send packets, or decide, about each.
    for (index, stage) in record.stages.enumerated() {
      guard let call = calls[Name(stage: index, caseKey: nil)], !stage.inputs.isEmpty,
        let found = store.find(call.key)
      else { continue }
      if found.record.outputs.contains(where: { $0.caseKey == caseKey })
        || found.record.verdicts.contains(where: { $0.caseKey == caseKey })
      {
        visit(call, &walk)
      }
    }
    if walk.steps.isEmpty {
      throw StageFailure(
        .badParameter, code: "UNKNOWN_CASE", "the run knows no case \(caseKey)",
        hint: "summary.json in the output folder lists all cases")
    }
    return explanation(walk, output: nil)
  }

  // MARK: Walking

  private struct Walk {
    let caseKey: String?
    let deep: Bool
    var visited: Set<Name> = []
    var steps: [(stage: Int, step: Explanation.Step)] = []
    var missing: [String] = []
  }

  private func explanation(_ walk: Walk, output: String?) -> Explanation {
    // The stages are in topological order, so that the reverse leads from the result to its sources.
    let steps = walk.steps.sorted {
      ($0.stage, $1.step.caseKey ?? "") > ($1.stage, $0.step.caseKey ?? "")
    }
    return Explanation(
      name: record.name, run: record.run, caseKey: walk.caseKey, output: output,
      about: record.about, steps: steps.map(\.step), missing: walk.missing)
  }

  /// The call of a stage that sent a packet.
  private func producer(of identity: String?, stage: Int, port: String, caseKey: String?)
    -> LoggedCall?
  {
    func sends(_ call: LoggedCall) -> Bool {
      store.find(call.key)?.record.outputs.contains {
        $0.port == port && $0.caseKey == caseKey && (identity == nil || $0.identity == identity)
      } ?? false
    }
    // The call of the case itself, the one that saw all cases, or one that made new cases.
    for name in [Name(stage: stage, caseKey: caseKey), Name(stage: stage, caseKey: nil)] {
      if let call = calls[name], sends(call) { return call }
    }
    return calls.values.first { $0.stage == stage && sends($0) }
  }

  private func visit(_ call: LoggedCall, _ walk: inout Walk) {
    guard walk.visited.insert(Name(stage: call.stage, caseKey: call.caseKey)).inserted else {
      return
    }
    let stage = record.stages[call.stage]
    guard let found = store.find(call.key) else {
      if case .failed(let code) = call.outcome {
        walk.steps.append((call.stage, step(call, stage, failure: code)))
        // What it was called with is known by the names of stages and case only.
        for input in stage.inputs {
          let caseKey = call.caseKey
          if let call = producer(of: nil, stage: input.stage, port: input.output, caseKey: caseKey)
            ?? producer(of: nil, stage: input.stage, port: input.output, caseKey: nil)
          {
            visit(call, &walk)
          }
        }
      } else {
        walk.missing.append(stage.name + (call.caseKey.map { " of \($0)" } ?? ""))
      }
      return
    }
    walk.steps.append((call.stage, step(call, stage, found, caseKey: walk.caseKey)))
    for input in found.record.inputs {
      guard
        walk.deep || input.caseKey == nil || input.caseKey == walk.caseKey
          || call.caseKey != nil,
        let edge = stage.inputs.first(where: { $0.port == input.port })
      else { continue }
      if let call = producer(
        of: input.identity, stage: edge.stage, port: edge.output, caseKey: input.caseKey)
      {
        visit(call, &walk)
      } else {
        walk.missing.append(
          record.stages[edge.stage].name + (input.caseKey.map { " of \($0)" } ?? ""))
      }
    }
  }

  // MARK: Steps

  private func step(_ call: LoggedCall, _ stage: RunRecord.Stage, failure: String?)
    -> Explanation.Step
  {
    let parts = parts[call.stage]
    return Explanation.Step(
      stage: stage.name, use: parts?.use ?? "", version: parts?.version ?? "",
      code: parts?.code ?? "", caseKey: call.caseKey, key: call.key, failure: failure,
      isReused: call.outcome == .reused, seconds: call.seconds, seed: "",
      threads: parts?.threads ?? "", carriesGroundTruth: parts?.carriesGroundTruth ?? false,
      parameters: stage.parameters.sorted { $0.key < $1.key }.map { name, value in
        Explanation.Parameter(
          name: name, value: value, affectsResult: parts?.parameters[name] != nil,
          isPath: stage.paths.contains(name))
      }, sources: [], files: [],
      inputs: stage.inputs.map {
        Explanation.Input(
          port: $0.port, stage: record.stages[$0.stage].name, output: $0.output, packets: [])
      }, outputs: [], verdicts: [])
  }

  private func step(
    _ call: LoggedCall, _ stage: RunRecord.Stage, _ found: PacketStore.Found, caseKey: String?
  ) -> Explanation.Step {
    var step = step(call, stage, failure: nil)
    let stored = found.record
    step.seconds = stored.seconds
    step.seed = String(stored.keyParts.seed)
    step.sources = stored.keyParts.sources
    step.files = stored.keyParts.files
    step.verdicts = stored.verdicts.filter {
      caseKey == nil || $0.caseKey == nil || $0.caseKey == caseKey
    }
    for index in step.inputs.indices {
      step.inputs[index].packets = stored.inputs.filter { $0.port == step.inputs[index].port }
        .map { Explanation.PacketReference(caseKey: $0.caseKey, identity: $0.identity) }
    }
    let isOfOtherCase = call.caseKey != nil && call.caseKey != caseKey
    step.outputs = stored.outputs.filter {
      isOfOtherCase || $0.caseKey == nil || caseKey == nil || $0.caseKey == caseKey
    }.map { output(of: found, $0, caseKey: caseKey) }
    return step
  }

  private func output(
    of found: PacketStore.Found, _ stored: StoredRecord.Output, caseKey: String?
  ) -> Explanation.Output {
    var output = Explanation.Output(
      port: stored.port, kind: stored.kind,
      packet: Explanation.PacketReference(caseKey: stored.caseKey, identity: stored.identity),
      shapes: [:])
    output.metadata = stored.facts?["metadata"]
    output.sidecar = stored.facts?["sidecar"]
    if case .forwarded(let port) = stored.content { output.forwarded = port }
    guard let location = found.location(of: stored) else { return output }
    if case .file(_, let digest) = location { output.digest = digest }
    do {
      let packet = try store.load(location, pool: BufferPool(keeping: 0))
      output.shapes = Dictionary(
        uniqueKeysWithValues: packet.tensors.map { ($0.name, $0.shape) })
      output.metadata = try? JSON(parsing: packet.metadata)
      output.sidecar = try? JSON(parsing: packet.sidecar)
      output.values = packet.shortValues(of: caseKey)
    } catch {
      output.problem = StageFailure(wrapping: error, stage: "store").message
    }
    return output
  }
}
