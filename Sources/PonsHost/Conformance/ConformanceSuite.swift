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
  /// Longer than this no check may take. When half of it is over, the stage is told to end.
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
    let given = parameters[stage.id]?.object ?? [:]
    var shortened = given
    // How checks end that would only say again what an earlier one has said.
    var unmade: ConformanceEnd?
    var tooLong: ConformanceEnd?
    // One after the other: times are measured.
    for check in ConformanceCheck.allCases where only?.contains(check.rawValue) ?? true {
      let known = check.needsInstance ? unmade ?? (check.needsWholeWork ? nil : tooLong) : nil
      let end = known ?? run(check, of: stage, with: check.needsWholeWork ? given : shortened)
      if check == .creates, end.outcome != .passed {
        unmade = .skipped(end.outcome == .skipped ? end.reason : "it cannot be made")
      }
      if check == .works {
        shortened.merge(end.shortened) { given, _ in given }
        if end.isTooLong { tooLong = .skipped(end.outcome == .skipped ? end.reason : "it hangs") }
      }
      report.lines.append(
        .init(
          stage: stage.id, check: check.rawValue, outcome: end.outcome, reason: end.reason))
    }
  }

  private func run(
    _ check: ConformanceCheck, of stage: StageDescriptor, with parameters: [String: JSON]
  ) -> ConformanceEnd {
    let job = ChildProcess.Job(
      executable: worker,
      arguments: [
        "check", file, stage.id, check.rawValue, JSON.object(parameters).canonical,
        String(secondsPerCheck / 2),
      ])
    let result = ChildProcess.run([job], width: 1, seconds: secondsPerCheck)[0]
    switch result.end {
    case .exited(0):
      guard let json = try? JSON(parsing: result.answer), let end = ConformanceEnd(json) else {
        return .failed("the plugin ended the process")
      }
      return end
    case .exited(let code): return .failed("the plugin ended the process, exit code \(code)")
    case .signalled(let signal):
      return .failed("it crashed: \(PluginScanner.describe(signal: signal))")
    case .timedOut:
      var end = ConformanceEnd.failed(
        "it did not return within \(secondsPerCheck.tenths) s, and did not end when it was told to")
      end.isTooLong = true
      return end
    case .answeredTooMuch: return .failed("the answer is too long")
    case .notStarted(let reason): return .failed("pons-worker cannot be started: \(reason)")
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
