internal import Glibc
public import PonsKit

/// Checks that a plugin keeps the rules of pons.h. Every check runs in a process of its own: one that crashes or
/// hangs is named, and the others still run.
public struct ConformanceSuite: Sendable {
  /// The plugin.
  public var file: String
  /// Parameters by stage id, for stages that need some; others get their defaults.
  public var parameters: [String: JSON]
  /// The program `pons-worker`.
  public var worker: String
  /// Longer than this no check may take.
  public var secondsPerCheck: Double

  /// The checks that call stages, by name; nil means all.
  package var only: Set<String>?

  /// A suite for one file.
  public init(
    file: String, parameters: [String: JSON] = [:], worker: String? = nil,
    secondsPerCheck: Double = 60
  ) {
    self.file = file
    self.parameters = parameters
    self.worker = worker ?? WorkerProgram.find()
    self.secondsPerCheck = secondsPerCheck
  }

  /// Runs all checks.
  public func run() -> ConformanceReport {
    var report = ConformanceReport(file: file, plugin: nil, lines: [])
    let scanner = PluginScanner(
      worker: worker, cacheFolder: nil, secondsPerFile: min(10, secondsPerCheck))
    switch scanner.scan([file])[0] {
    case .failure(let fault):
      report.lines.append(
        .init(stage: nil, check: "descriptor valid", outcome: .failed, reason: fault.message))
      return report
    case .success(let plugin):
      report.plugin = plugin
      report.lines.append(
        .init(stage: nil, check: "descriptor valid", outcome: .passed, reason: ""))
      for stage in plugin.stages { check(stage, into: &report) }
    }
    return report
  }

  private func check(_ stage: StageDescriptor, into report: inout ConformanceReport) {
    for (check, problem) in [
      ("ports typed", StaticChecks.problemOfPorts(stage)),
      ("schema round trip", StaticChecks.problemOfSchema(stage)),
    ] {
      report.lines.append(
        .init(
          stage: stage.id, check: check, outcome: problem == nil ? .passed : .failed,
          reason: problem ?? ""))
    }
    let given = JSON.object(parameters[stage.id]?.object ?? [:]).canonical
    let checks = ConformanceCheck.allCases.filter { only?.contains($0.rawValue) ?? true }
    let jobs = checks.map {
      ChildProcess.Job(
        executable: worker, arguments: ["check", file, stage.id, $0.rawValue, given])
    }
    // One after the other: times are measured.
    let results = ChildProcess.run(jobs, width: 1, seconds: secondsPerCheck)
    for (check, result) in zip(checks, results) {
      let (outcome, reason) = outcome(of: result)
      report.lines.append(
        .init(stage: stage.id, check: check.rawValue, outcome: outcome, reason: reason))
    }
  }

  private func outcome(of result: ChildProcess.Result) -> (ConformanceReport.Outcome, String) {
    switch result.end {
    case .exited(0):
      guard let json = try? JSON(parsing: result.answer),
        let outcome = json["outcome"]?.string.flatMap(ConformanceReport.Outcome.init(rawValue:))
      else { return (.failed, "the plugin ended the process") }
      return (outcome, json["reason"]?.string ?? "")
    case .exited(let code): return (.failed, "the plugin ended the process, exit code \(code)")
    case .signalled(let signal):
      return (.failed, "it crashed: \(PluginScanner.describe(signal: signal))")
    case .timedOut: return (.failed, "it did not return within \(secondsPerCheck) s")
    case .answeredTooMuch: return (.failed, "the answer is too long")
    case .notStarted(let reason): return (.failed, "pons-worker cannot be started: \(reason)")
    }
  }
}

/// Checks that need no process.
private enum StaticChecks {
  static func problemOfPorts(_ stage: StageDescriptor) -> String? {
    if stage.inputs.isEmpty, stage.outputs.isEmpty { return "it has no ports" }
    for port in stage.inputs + stage.outputs {
      let isKnown =
        SampleInputs.kinds.contains(port.kind) || port.kind == PortDescriptor.anyKind
      if !isKnown, !port.kind.contains(".") {
        return "port '\(port.name)' has the kind '\(port.kind)'; kinds that do not come with Pons "
          + "have reverse-DNS names"
      }
      if isKnown, !port.elementTypes.isEmpty,
        !["volume", "mask", "heatmap", PortDescriptor.anyKind].contains(port.kind)
      {
        return "port '\(port.name)' restricts the dtype of voxels, which '\(port.kind)' has not"
      }
      if port.summary.isEmpty { return "port '\(port.name)' has no summary" }
    }
    return nil
  }

  static func problemOfSchema(_ stage: StageDescriptor) -> String? {
    do throws(StageFailure) {
      let schema = ParameterSchema(stage.parameters)
      let back = try ParameterSchema(reading: schema.json)
      if back.json != schema.json { return "the schema changes when it is written and read" }
      if let unclear = stage.parameters.first(where: { $0.summary.isEmpty }) {
        return "the parameter '\(unclear.name)' has no description"
      }
      if !stage.parameters.contains(where: \.isRequired) { _ = try schema.filled([:]) }
      return nil
    } catch {
      return error.message
    }
  }
}
