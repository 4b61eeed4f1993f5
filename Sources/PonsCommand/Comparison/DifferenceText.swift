package import PonsKit

/// What differs between two runs, for people.
package struct DifferenceText: Sendable {
  private let style: Style

  /// Lays differences out.
  package init(style: Style) { self.style = style }

  /// The text, with a line break at the end.
  package func render(_ difference: RunDifference) -> String {
    var lines: [String] = []
    for folder in difference.unrecorded {
      lines.append(
        style.dim("note:")
          + " \(folder.printable) does not say what it was told: an earlier version made it")
    }
    lines.append(heading("settings", same: nil, different: difference.settings.count))
    lines += difference.settings.map(setting)
    for (mark, changes) in [("-", difference.leftChanges), ("+", difference.rightChanges)] {
      lines += changes.map { change(mark, $0) }
    }
    lines.append(
      heading("cases", same: difference.sameFates, different: difference.fates.count))
    lines += difference.fates.map {
      "  \($0.caseKey.printable)  \(fate($0.left)) -> \(fate($0.right))"
    }
    lines.append(heading("files", same: difference.sameFiles, different: difference.files.count))
    lines += difference.files.map(file)
    return lines.joined(separator: "\n") + "\n"
  }

  private func heading(_ what: String, same: Int?, different: Int) -> String {
    let count = different > 0 ? style.warning("\(different) changed") : "none changed"
    return style.bold(what) + ": " + (same.map { "\($0) the same, " } ?? "") + count
  }

  private func setting(_ setting: RunDifference.Setting) -> String {
    if setting.path.hasSuffix(".code") {
      return "  \(String(setting.path.dropLast(5)).printable)  "
        + style.dim("another build of its plugin, or other libraries")
    }
    return "  \(setting.path.printable)  \(value(setting.left)) -> \(value(setting.right))"
  }

  /// A change with its reason: `+ overlay site: stages.f.with.minimum = 6, reason: noise, by: physics`.
  private func change(_ mark: String, _ change: JSON) -> String {
    var text = "  \(mark) \(change["layer"]?.string ?? ""): \(change["path"]?.string ?? "")"
    if change["removed"]?.bool == true { text += " removed" }
    if let to = change["to"] { text += " = \(value(to))" }
    if let reason = change["reason"]?.string { text += ", reason: \(reason)" }
    if let by = change["by"]?.string { text += ", by: \(by)" }
    return style.dim(text.printable)
  }

  private func value(_ json: JSON?) -> String {
    guard let json else { return "none" }
    if let text = json.string {
      return text.hasPrefix("path:") ? "a path (\(text.dropFirst(5).prefix(6)))" : text.printable
    }
    return json.canonical.printable
  }

  private func fate(_ fate: RunRecord.Fate?) -> String {
    guard let fate else { return "not there" }
    var text = fate.status
    if !fate.stage.isEmpty { text += " at \(fate.stage)" }
    if !fate.reason.isEmpty { text += " (\(fate.reason))" }
    return fate.isDone ? style.good(text) : style.warning(text.printable)
  }

  private func file(_ file: RunDifference.ChangedFile) -> String {
    let name = (file.right ?? file.left ?? file.name).printable
    let what: String
    switch (file.left, file.right) {
    case (nil, _): what = "only in the second"
    case (_, nil): what = "only in the first"
    default: what = file.agreement.map(agreement) ?? "differs"
    }
    return "  \(name)  \(what)"
  }

  /// `Dice 0.913`, with the labels when there are several.
  package func agreement(_ agreement: MaskAgreement) -> String {
    if let problem = agreement.problem { return "cannot be compared: \(problem.printable)" }
    let labels = agreement.labels.sorted { $0.key < $1.key }
    let text = "Dice \(agreement.dice.fixed(3))"
    if labels.count < 2 && labels.allSatisfy({ $0.value == agreement.dice }) { return text }
    return text + " ("
      + labels.map { "label \($0.key): \($0.value.fixed(3))" }.joined(separator: ", ")
      + ")"
  }
}

extension RunDifference {
  /// The differences for machines.
  package var json: JSON {
    [
      "same": .bool(isEmpty),
      "settings": .array(
        settings.map {
          ["path": .string($0.path), "left": $0.left ?? .null, "right": $0.right ?? .null]
        }),
      "left_changes": .array(leftChanges), "right_changes": .array(rightChanges),
      "cases": .array(
        fates.map {
          [
            "case": .string($0.caseKey), "left": $0.left?.json ?? .null,
            "right": $0.right?.json ?? .null,
          ]
        }),
      "same_cases": .integer(Int64(sameFates)),
      "files": .array(
        files.map {
          [
            "name": .string($0.name), "left": $0.left.map(JSON.string) ?? .null,
            "right": $0.right.map(JSON.string) ?? .null,
            "agreement": $0.agreement?.json ?? .null,
          ]
        }),
      "same_files": .integer(Int64(sameFiles)),
    ]
  }
}

extension RunRecord.Fate {
  fileprivate var json: JSON {
    ["status": .string(status), "reason": .string(reason), "stage": .string(stage)]
  }
}

extension MaskAgreement {
  /// The agreement for machines.
  var json: JSON {
    if let problem { return ["problem": .string(problem)] }
    return [
      "dice": .number(dice), "worst": .number(worst),
      "labels": .object(
        Dictionary(uniqueKeysWithValues: labels.map { (String($0.key), .number($0.value)) })),
    ]
  }
}
