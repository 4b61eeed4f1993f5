internal import PonsEngine
internal import PonsKit

extension CommandDefinition {
  static let cache: CommandDefinition = .init(
    group: "cache", "Checks and cleans the kept results of a work folder",
    discussion: """
      Results that runs have kept are what makes the next run short, and what explanations are read \
      from. They may be removed at any time that no run is using them: what is missing is \
      computed again.
      """,
    commands: [.verifyCache, .collectCache])

  private static let verifyCache = CommandDefinition(
    "verify", "Reads every kept result and compares it with its digest",
    discussion: """
      Damaged results are computed again by the next run; --remove takes them away at once. The \
      answer is 1 when something is damaged.
      """,
    options: [
      .resultFolder, .work, OptionDefinition("remove", "Remove what is damaged"), .json, .color,
    ],
    examples: [.init("pons cache verify --output results", "Check what a run has kept")]
  ) { invocation, context in
    let line = TransferLine(context.console)
    let found: StoreVerification
    do {
      defer { line.clear() }
      found = try StoreVerification(
        work: workFolder(invocation), removing: invocation.has("remove")
      ) { line.show("reading", done: $0, total: nil) }
    }
    let console = context.console
    if invocation.has("json") {
      console.print(found.json.canonical)
    } else {
      for damage in found.damaged {
        let name = [damage.stage, damage.caseKey].compactMap { $0 }.joined(separator: " of ")
        console.print(
          "\(console.outStyle.bad("damaged")) "
            + "\(name.isEmpty ? String(damage.key.prefix(16)) : name.printable): "
            + damage.reason.printable)
      }
      for run in found.damagedRuns {
        console.print("\(console.outStyle.bad("damaged")) the record of run \(run.printable)")
      }
      if found.cutOffBytes > 0 {
        console.print(
          "\(ByteCount(bytes: found.cutOffBytes)) at the ends of journals are of results that were "
            + "not written to the end")
      }
      let state =
        found.damaged.isEmpty
        ? console.outStyle.good("all as they were written")
        : "\(found.damaged.count) damaged" + (invocation.has("remove") ? " and removed" : "")
      console.print(
        "\(found.results.counted("result")), \(ByteCount(bytes: found.bytes)): \(state)")
    }
    return found.damaged.isEmpty && found.damagedRuns.isEmpty ? .success : .failure
  }

  private static let collectCache = CommandDefinition(
    "gc", "Removes results that the latest runs did not use",
    discussion: """
      Published results in output folders stay. Runs that are forgotten cannot be explained any \
      more. Nothing is removed while a run is using the work folder.
      """,
    options: [
      .resultFolder, .work,
      OptionDefinition(
        "keep", .integer("N", 0...Int.max),
        "How many runs to keep, with everything they used (default: 5)"),
      OptionDefinition("dry-run", "Only say what would be removed"), .json, .color,
    ],
    examples: [.init("pons cache gc --keep 2", "Keep what the last two runs used")]
  ) { invocation, context in
    let isTrial = invocation.has("dry-run")
    let done = try StoreCollection(
      work: workFolder(invocation), keeping: invocation.integer("keep") ?? 5, isTrial: isTrial)
    let console = context.console
    if invocation.has("json") {
      console.print(done.json.canonical)
    } else {
      let verb = isTrial ? "Would remove" : "Removed"
      console.print(
        "\(verb) \(done.removed.counted("result")) and \(done.removedRuns.count.counted("run")), "
          + "\(ByteCount(bytes: done.freedBytes)); kept \(done.kept.counted("result")) of "
          + done.keptRuns.count.counted("run"))
    }
    return .success
  }

  private static func workFolder(_ invocation: Invocation) -> String {
    invocation.value("work")
      ?? FilePaths.join(invocation.value("output") ?? "pons-output", ".pons")
  }
}

extension StoreVerification {
  fileprivate var json: JSON {
    [
      "results": .integer(Int64(results)), "bytes": .integer(Int64(bytes)),
      "cut_off_bytes": .integer(Int64(cutOffBytes)),
      "damaged_runs": .array(damagedRuns.map(JSON.string)),
      "damaged": .array(
        damaged.map {
          [
            "key": .string($0.key), "stage": $0.stage.map { .string($0) } ?? .null,
            "case": $0.caseKey.map { .string($0) } ?? .null, "reason": .string($0.reason),
          ]
        }),
    ]
  }
}

extension StoreCollection {
  fileprivate var json: JSON {
    [
      "kept_runs": .array(keptRuns.map(JSON.string)),
      "removed_runs": .array(removedRuns.map(JSON.string)), "kept": .integer(Int64(kept)),
      "removed": .integer(Int64(removed)), "freed_bytes": .integer(Int64(freedBytes)),
    ]
  }
}
