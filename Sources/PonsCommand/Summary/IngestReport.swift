package import PonsKit

/// What a run found in a folder of images, from its summary: a paragraph for each volume.
package struct IngestReport: Sendable {
  private let cases: [JSON]
  private let skipped: [JSON]

  /// Reads the content of a `summary.json`.
  ///
  /// - Parameter hasOutputs: whether the files of the run are still there to be named.
  package init(summary: JSON, hasOutputs: Bool = true) {
    cases = (summary["cases"]?.array ?? []).sorted { Self.order($0) < Self.order($1) }
      .map { item in
        guard !hasOutputs, var members = item.object else { return item }
        members["outputs"] = nil
        return .object(members)
      }
    skipped = (summary["stages"]?.array ?? []).flatMap { $0["skipped"]?.array ?? [] }
  }

  /// Refusals first: somebody has to look into them. Then by series.
  private static func order(_ item: JSON) -> (Int, Int64, Int64, String) {
    let about = item["about"]
    return (
      item["status"]?.string == "quarantined" ? 0 : 1, about?["number"]?.integer ?? Int64.max,
      about?["volume"]?.integer ?? 0, item["case"]?.string ?? ""
    )
  }

  /// The report for machines: `cases` with what each is and what became of it, `passed_over` by kind.
  package var json: JSON { ["cases": .array(cases), "passed_over": .array(skipped)] }

  // MARK: For people

  /// The report for people, with a line break at the end.
  package func text(style: Style, width: Int) -> String {
    var paragraphs = cases.map { paragraph($0, style, width) }
    if !skipped.isEmpty {
      let rows = skipped.map { item in
        (
          label: item["count"]?.integer.map(String.init) ?? "",
          text: item["text"]?.string?.printable ?? ""
        )
      }
      paragraphs.append("Passed over:\n" + TextLayout.table(rows, width: width))
    }
    paragraphs.append(totals(style))
    return paragraphs.joined(separator: "\n\n") + "\n"
  }

  private func totals(_ style: Style) -> String {
    var counts: [String: Int] = [:]
    for item in cases { counts[item["status"]?.string ?? "", default: 0] += 1 }
    let words = [
      ("done", "can be used", style.good), ("quarantined", "refused", style.bad),
      ("not-selected", "not selected", style.warning), ("filtered", "filtered", style.warning),
    ]
    let parts = words.compactMap { status, word, mark in
      counts[status].map { mark("\($0.counted("volume")) \(word)") }
    }
    return parts.isEmpty ? "No images." : parts.joined(separator: ", ") + "."
  }

  private func paragraph(_ item: JSON, _ style: Style, _ width: Int) -> String {
    let about = item["about"] ?? [:]
    let isRefused = item["status"]?.string == "quarantined"
    var lines = [style.bold(item["case"]?.string?.printable ?? "") + "  " + what(about)]
    var details = [size(about), acquisition(about), storage(about)].filter { !$0.isEmpty }
    for notice in about["notices"]?.array ?? [] {
      if let text = notice["text"]?.string { details.append("note: " + text.printable) }
    }
    lines += details.map { TextLayout.wrap($0, width: width, indentation: "  ") }
    if isRefused {
      let reason = "\(item["code"]?.string ?? ""): \(item["reason"]?.string ?? "")".printable
      lines.append(
        TextLayout.wrap(style.bad("refused") + " " + reason, width: width, indentation: "  "))
      if let hint = item["hint"]?.string, !hint.isEmpty {
        lines.append(
          TextLayout.wrap(
            style.dim("hint:") + " " + hint.printable, width: width, indentation: "  "))
      }
    } else if let reason = item["reason"]?.string {
      lines.append(
        TextLayout.wrap(
          style.warning(item["status"]?.string ?? "") + " " + reason.printable, width: width,
          indentation: "  "))
    } else if let outputs = item["outputs"]?.array, !outputs.isEmpty {
      let names = outputs.compactMap(\.string).map(\.printable).joined(separator: ", ")
      lines.append(
        TextLayout.wrap(style.good("done") + " " + names, width: width, indentation: "  "))
    }
    return lines.joined(separator: "\n")
  }

  /// `MR axial, series 3 "t2_flair", volume 2 of 4`.
  private func what(_ about: JSON) -> String {
    var words = [about["modality"]?.string ?? "", about["orientation"]?.string ?? ""]
      .filter { !$0.isEmpty }.joined(separator: " ")
    if about["localizer"]?.bool == true { words += " localizer" }
    var parts = words.isEmpty ? [] : [words]
    let description = about["description"]?.string.map { " \"\($0)\"" } ?? ""
    if let number = about["number"]?.integer {
      parts.append("series \(number)\(description)")
    } else if !description.isEmpty {
      parts.append("series\(description)")
    }
    if let count = about["volumes_in_series"]?.integer, count > 1 {
      parts.append("volume \(about["volume"]?.integer ?? 0) of \(count)")
    }
    if about["contrast"]?.bool == true { parts.append("with contrast agent") }
    return parts.joined(separator: ", ").printable
  }

  /// `240 x 240 x 155 voxels of 1 x 1 x 1 mm, sheared by 12 degrees`.
  private func size(_ about: JSON) -> String {
    guard let columns = about["columns"]?.integer, let rows = about["rows"]?.integer else {
      return ""
    }
    guard let slices = about["slices"]?.integer, slices > 0,
      let spacing = about["spacing"]?.array?.compactMap(\.number), spacing.count == 3
    else {
      let files = about["files"]?.integer ?? 0
      return "\(Int(files).counted("file")) of \(columns) x \(rows) pixels"
    }
    let edges = spacing.map(Self.short).joined(separator: " x ")
    var text = "\(columns) x \(rows) x \(slices) voxels of \(edges) mm"
    if let tilt = about["tilt"]?.number, tilt > 0.05 {
      text += ", sheared by \(Self.short(tilt)) degrees"
    }
    return text
  }

  /// `TR 2300 ms, TE 3.1 ms, b 1000 s/mm²`.
  private func acquisition(_ about: JSON) -> String {
    let facts = [
      ("repetition_time", "TR", "ms"), ("echo_time", "TE", "ms"), ("inversion_time", "TI", "ms"),
      ("flip_angle", "flip angle", "degrees"), ("b_value", "b", "s/mm²"),
      ("field_strength", "field", "T"),
      ("slice_thickness", "slice thickness", "mm"),
    ]
    return facts.compactMap { name, label, unit in
      about[name]?.number.map { "\(label) \(Self.short($0)) \(unit)" }
    }.joined(separator: ", ")
  }

  /// `12 bits, JPEG 2000, from 155 files, 1 copy left out`.
  private func storage(_ about: JSON) -> String {
    var parts: [String] = []
    if let bits = about["bits_stored"]?.integer {
      parts.append("\(bits) bits\(about["signed"]?.bool == true ? " with sign" : "")")
    }
    if let syntax = about["transfer_syntax"]?.string {
      parts.append(syntax.printable + (about["lossy"]?.bool == true ? " (lossy)" : ""))
    }
    if let files = about["files"]?.integer { parts.append("from \(Int(files).counted("file"))") }
    return parts.joined(separator: ", ")
  }

  private static func short(_ value: Double) -> String {
    let rounded = (value * 1000).rounded() / 1000
    return rounded == rounded.rounded() && abs(rounded) < 1e9 ? String(Int(rounded)) : "\(rounded)"
  }
}
