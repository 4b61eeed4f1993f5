public import PonsKit

/// What a run would do: which results the store has, which calls would be made, and what that would take.
public struct RunPlan: Sendable {
  /// One call of a stage.
  public struct Call: Sendable, Hashable {
    /// Name of the stage in the manifest.
    public var stage: String
    /// The case; nil for calls that see all cases or none.
    public var caseKey: String?
    /// Why it will run; nil when its result is there.
    public var changes: [KeyChange]?
  }

  /// The calls of one stage.
  public struct Stage: Sendable, Hashable {
    /// Name in the manifest.
    public var name: String
    /// Stage id.
    public var use: String
    /// Calls whose results are there.
    public var cached: Int
    /// Calls that will run.
    public var missing: Int
    /// Threads that one call keeps busy.
    public var threads: Int
    /// What one call took on average in the latest run that had one; nil when no earlier run is known.
    public var callSeconds: Double?
    /// Bytes that the results of one call took in the work folder.
    public var callBytes: Double?
    /// It makes new cases, and calls that will run cannot tell which.
    public var isOpenEnded: Bool
  }

  /// Name of the graph.
  public var name: String
  /// All calls, in topological order of the stages, then by case.
  public var calls: [Call]
  /// The stages in topological order.
  public var stages: [Stage]
  /// How many calls may run at the same time.
  public var jobs: Int
  /// Why the run could not go on, when that is known before it begins: sources that cannot be read.
  public var stopped: (stage: String, failure: StageFailure)?
  /// Bytes that are free on the file system of the work folder.
  public var freeBytes: Int

  /// Stages with calls that will run, of which no earlier run tells what they take.
  public var unknown: [String] {
    stages.filter { $0.missing > 0 && $0.callSeconds == nil }.map(\.name)
  }

  /// Bytes that the work folder will grow by, of what is known.
  public var bytes: Int {
    Int(stages.reduce(0.0) { $0 + Double($1.missing) * ($1.callBytes ?? 0) })
  }

  /// Wall time in seconds if all jobs are busy all the time, of what is known: the run takes no less.
  public var seconds: Double {
    stages.reduce(0.0) { sum, stage in
      let work = Double(stage.missing) * (stage.callSeconds ?? 0)
      return sum + work * Double(min(stage.threads, jobs)) / Double(jobs)
    }
  }

  /// Whether what the run would write does not fit on the disk.
  public var isTooLarge: Bool { bytes > freeBytes }
}

extension RunPlan {
  /// The plan as an object for machines.
  public var json: JSON {
    .object([
      "pons": 1, "name": .string(name),
      "cached": .integer(Int64(stages.reduce(0) { $0 + $1.cached })),
      "to_run": .integer(Int64(stages.reduce(0) { $0 + $1.missing })),
      "seconds": .number((seconds * 1000).rounded() / 1000), "bytes": .integer(Int64(bytes)),
      "free_bytes": .integer(Int64(freeBytes)), "fits": .bool(!isTooLarge),
      "unknown": .array(unknown.map(JSON.string)),
      "stopped_by": stopped.map { stopped in
        var members = stopped.failure.json.object ?? [:]
        members["stage"] = .string(stopped.stage)
        return .object(members)
      } ?? .null,
      "stages": .array(
        stages.map { stage in
          [
            "stage": .string(stage.name), "use": .string(stage.use),
            "cached": .integer(Int64(stage.cached)), "to_run": .integer(Int64(stage.missing)),
            "seconds_per_call": stage.callSeconds.map { .number($0) } ?? .null,
            "bytes_per_call": stage.callBytes.map { .integer(Int64($0)) } ?? .null,
            "open_ended": .bool(stage.isOpenEnded),
          ]
        }),
      "calls": .array(
        calls.map { call in
          [
            "stage": .string(call.stage), "case": JSON(call.caseKey),
            "cached": .bool(call.changes == nil),
            "changes": .array((call.changes ?? []).map(\.json)),
          ]
        }),
    ])
  }
}
