/// Draws how far the stages are, one line each.
package struct ProgressLines: Sendable {
  /// Colours and glyphs.
  package var style: Style

  /// Draws in a style.
  package init(style: Style) { self.style = style }

  /// The lines for a terminal of a size. None is as wide as the terminal, so that none wraps, and there are fewer
  /// of them than rows: then the stages that are busy are shown.
  package func render(
    _ model: ProgressModel, at time: Double, columns: Int, rows: Int
  ) -> [String] {
    let limit = max(1, rows - 2)
    let width = max(1, columns - 1)
    var shown = model.stages
    if shown.count > limit {
      let busy = shown.filter(\.isActive)
      shown = Array((busy.isEmpty ? shown : busy).prefix(max(1, limit - 1)))
    }
    let nameWidth = min(
      shown.map(\.name.displayWidth).max() ?? 0, max(8, width / 3), max(0, width - 2))
    var lines = shown.map { line(for: $0, of: model, nameWidth: nameWidth, at: time, width: width) }
    let hidden = model.stages.count - shown.count
    if hidden > 0 {
      let finished = model.stages.count { $0.isFinished }
      let text = "and \(hidden.counted("more stage")), \(finished) finished"
      if lines.count < limit {
        lines.append(style.dim(("  " + text).cut(to: width, ellipsis: dots)))
      }
    }
    return lines
  }

  private var dots: String { style.isUnicode ? "…" : "." }

  private func line(
    for stage: StageProgress, of model: ProgressModel, nameWidth: Int, at time: Double, width: Int
  ) -> String {
    let name = stage.name.printable.fitted(to: nameWidth, ellipsis: dots)
    let head = mark(of: stage) + (width > 2 ? " " : "") + (stage.isActive ? style.bold(name) : name)
    var room = width - nameWidth - 2
    var fields = [Field]()
    // What matters most comes first: when there is no room, the last ones go.
    for field in self.fields(of: stage, in: model, at: time) {
      guard field.width + 2 <= room else { continue }
      room -= field.width + 2
      fields.append(field)
    }
    let texts = fields.sorted { $0.place < $1.place }.map { "  " + $0.text }
    return head + texts.joined()
  }

  private struct Field {
    /// Where it stands in the line.
    var place: Int
    var width: Int
    var text: String

    init(_ place: Int, _ plain: String, _ mark: (String) -> String = { $0 }) {
      self.place = place
      width = plain.displayWidth
      text = mark(plain)
    }
  }

  /// What there is to say about a stage, the most important first.
  private func fields(
    of stage: StageProgress, in model: ProgressModel, at time: Double
  ) -> [Field] {
    guard stage.isActive || stage.isFinished else {
      return stage.total > 0
        ? [Field(1, counts(of: stage), style.dim)] : [Field(1, "waiting", style.dim)]
    }
    var fields = [Field(1, counts(of: stage).padded(to: 9))]
    if stage.failed > 0 { fields.append(Field(5, "\(stage.failed) failed", style.bad)) }
    if let left = stage.secondsLeft(at: time) {
      fields.append(Field(3, "\(left.rounded(.up).duration) left"))
    }
    if stage.isActive {
      let drawn = bar(stage.overall(expecting: model.expectedCases))
      fields.append(Field(0, drawn.0 + drawn.1) { _ in style.accent(drawn.0) + style.dim(drawn.1) })
    }
    if let rate = stage.rate(at: time) { fields.append(Field(2, rate.rateText, style.dim)) }
    if stage.isFinished, let elapsed = stage.elapsed(at: time) {
      fields.append(Field(3, "in \(elapsed.duration)", style.dim))
    }
    if stage.dropped > 0 { fields.append(Field(6, "\(stage.dropped) dropped", style.warning)) }
    if stage.reused > 0 { fields.append(Field(7, "\(stage.reused) reused", style.dim)) }
    if stage.running == 1, !stage.note.isEmpty {
      fields.append(Field(4, stage.note.printable.cut(to: 30, ellipsis: dots), style.dim))
    }
    return fields
  }

  private func counts(of stage: StageProgress) -> String {
    let total = "\(stage.total)"
    let done = "\(stage.done)".leftPadded(to: total.count)
    return "\(done)/\(total)\(stage.isTotalFinal ? "" : "+")"
  }

  private func mark(of stage: StageProgress) -> String {
    if stage.isFinished {
      if stage.failed > 0 { return style.bad(style.isUnicode ? "✗" : "!") }
      return style.good(style.isUnicode ? "✓" : "*")
    }
    return stage.isActive ? style.accent(style.isUnicode ? "●" : ">") : style.dim("-")
  }

  private func bar(_ fraction: Double?) -> (String, String) {
    let width = 20
    let filled = Int((fraction ?? 0) * Double(width))
    let (full, empty) = style.isUnicode ? ("━", "─") : ("#", ".")
    return (
      String(repeating: full, count: filled), String(repeating: empty, count: width - filled)
    )
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
