internal import Glibc
internal import PonsEngine
internal import PonsKit

extension CommandDefinition {
  static let quarantine: CommandDefinition = .init(
    group: "quarantine", "Shows the cases that failed, and tries them again",
    discussion: """
      A case that fails at a stage gets no further result; the other cases go on. Its source files \
      are never moved or changed: the run's private table phi/cases.tsv says where they are. \
      Failures are not kept, so every run tries these cases again.
      """,
    commands: [.listQuarantine, .showQuarantine, .retryQuarantine, .quarantineCodes])

  private static let listQuarantine = CommandDefinition(
    "list", "Lists the quarantined cases of the last run, by reason",
    options: [.resultFolder, .json, .color],
    examples: [.init("pons quarantine list --output results", "See what failed")]
  ) { invocation, context in
    let cases = try QuarantinedCase.list(in: output(invocation)).cases
    let console = context.console
    if invocation.has("json") {
      console.print(
        JSON.array(
          cases.map { one in
            var members = one.json.object ?? [:]
            members["meaning"] = one.meaning.map { .string($0.meaning) } ?? .null
            members["advice"] = one.meaning.map { .string($0.advice) } ?? .null
            return .object(members)
          }
        ).canonical)
      return .success
    }
    let style = console.outStyle
    for (code, cases) in Dictionary(grouping: cases, by: \.code).sorted(by: { $0.key < $1.key }) {
      var title = style.bold(code.printable) + "  \(cases.count.counted("case"))"
      if let known = cases.first?.meaning { title += style.dim("  \(known.meaning)") }
      console.print(title)
      console.print(
        TextLayout.table(
          cases.map { ($0.caseKey.printable, "at \($0.stage): \($0.reason)".printable) },
          width: console.width
        ) { style.accent($0) })
    }
    if cases.isEmpty { console.print("no case is quarantined") }
    return .success
  }

  private static let showQuarantine = CommandDefinition(
    "show", "Says why a case failed, what that means, and where its files are",
    operands: [OperandDefinition("CASE", .text, "The key of a case")],
    options: [
      .resultFolder, OptionDefinition("phi", "Show patient data: name and files of the case"),
      .json, .color,
    ],
    examples: [.init("pons quarantine show p03", "See what to do about a case")]
  ) { invocation, context in
    let key = invocation.operands.first ?? ""
    let folder = output(invocation)
    guard let found = try QuarantinedCase.list(in: folder).cases.first(where: { $0.caseKey == key })
    else {
      throw CommandFailure(
        "no case \(key.printable) is quarantined",
        hint: "\"pons quarantine list\" shows those that are", exitCode: .usage)
    }
    let rows = privateRows(in: folder, key)
    let console = context.console
    if invocation.has("json") {
      var members = found.json.object ?? [:]
      members["meaning"] = found.meaning.map { .string($0.meaning) } ?? .null
      members["advice"] = found.meaning.map { .string($0.advice) } ?? .null
      members["source_files"] = .integer(Int64(rows.reduce(0) { $0 + $1.files.count }))
      if invocation.has("phi") {
        members["sources"] = .array(
          rows.map {
            [
              "source": .string($0.source), "name": .string($0.name),
              "files": .array($0.files.map(JSON.string)),
            ]
          })
      }
      console.print(JSON.object(members).canonical)
      return .success
    }
    let style = console.outStyle
    var lines: [(String, String)] = [("stage", found.stage), ("reason", found.reason)]
    if let meaning = found.meaning {
      lines += [("meaning", meaning.meaning), ("what to do", meaning.advice)]
    }
    if !found.hint.isEmpty { lines.append(("hint", found.hint)) }
    for row in rows {
      if invocation.has("phi") {
        lines.append(("name", row.name))
        lines.append(("files", row.files.joined(separator: "\n")))
      } else {
        let files = row.files.count.counted("file")
        lines.append(("source", "\(files) of \(row.source), as they were; --phi names them"))
      }
    }
    console.print("\(style.bold(key.printable))  \(style.bad(found.code.printable))")
    console.print(
      TextLayout.table(
        lines.map { row in
          (row.0, row.1.split(separator: "\n").map { String($0).printable }.joined(separator: "\n"))
        }, width: console.width
      ) { style.accent($0) })
    return .success
  }

  private static let retryQuarantine = CommandDefinition(
    "retry", "Runs again what failed, with the command line of the run",
    discussion: """
      What other cases have is kept and not computed again, unless a stage that sees all cases gets \
      more of them now. The answer is that of the run.
      """,
    options: [
      .resultFolder, .work,
      OptionDefinition("quiet", short: "q", "Show no progress, only problems and the summary"),
      .color,
    ],
    examples: [.init("pons quarantine retry --output results", "After the files were mended")]
  ) { invocation, context in
    let folder = output(invocation)
    let (before, summary) = try QuarantinedCase.list(in: folder)
    let console = context.console
    if before.isEmpty {
      console.print("no case is quarantined")
      return .success
    }
    let work = invocation.value("work") ?? FilePaths.join(folder, ".pons")
    let about = try Lineage(work: work, run: summary["run"]?.string).about
    guard let command = about["command"], let operands = command["operands"]?.array,
      let options = command["options"]?.object, let start = about["folder"]?.string
    else {
      throw CommandFailure(
        "the run does not say how it was started", hint: "start it again by pons run")
    }
    var request = Invocation(
      path: ["pons", "run"], command: .run, operands: operands.compactMap(\.string),
      values: options.mapValues { ($0.array ?? []).compactMap(\.string) })
    for option in ["json", "quiet", "color"] { request.values[option] = nil }
    for option in ["quiet", "color"] where invocation.has(option) {
      request.values[option] = invocation.list(option)
    }
    // Paths on the run's command line begin where it was started.
    guard chdir(start) == 0 else {
      throw CommandFailure("the folder in which the run was started is gone")
    }
    guard let run = CommandDefinition.run.action else { return .failure }
    let code = try run(request, context)
    let output = request.value("output") ?? "pons-output"
    let after = Set(try QuarantinedCase.list(in: output).cases.map(\.caseKey))
    let mended = before.count { !after.contains($0.caseKey) }
    console.print("\(mended) of \(before.count.counted("quarantined case")) passed this time")
    return code
  }

  private static let quarantineCodes = CommandDefinition(
    "codes", "Lists all reason codes, with their meaning and what to do",
    options: [.json, OptionDefinition("markdown", "Write the page of the documentation"), .color]
  ) { invocation, context in
    let console = context.console
    if invocation.has("markdown") {
      console.out.write(ReasonCode.page)
    } else if invocation.has("json") {
      console.print(
        JSON.array(
          ReasonCode.all.map {
            [
              "code": .string($0.code), "area": .string($0.area.rawValue),
              "meaning": .string($0.meaning), "advice": .string($0.advice),
            ]
          }
        ).canonical)
    } else {
      let style = console.outStyle
      for area in ReasonCode.Area.allCases {
        console.print(style.bold(area.title) + style.dim("  \(area.summary)"))
        console.print(
          TextLayout.table(
            ReasonCode.all.filter { $0.area == area }.map {
              ($0.code, "\($0.meaning)\n\($0.advice)")
            },
            width: console.width
          ) { style.accent($0) })
      }
    }
    return .success
  }

  private static func output(_ invocation: Invocation) -> String {
    invocation.value("output") ?? "pons-output"
  }

  /// What the private table says about a case.
  private static func privateRows(in output: String, _ key: String)
    -> [(source: String, name: String, files: [String])]
  {
    guard let bytes = try? FilePaths.read(FilePaths.join(output, "phi/cases.tsv")) else {
      return []
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().compactMap {
      let fields = $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count >= 3, fields[0] == key else { return nil }
      return (fields[1], fields[2], Array(fields.dropFirst(3)))
    }
  }
}
