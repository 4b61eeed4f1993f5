internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Joins prompts that were made with those that a site already has.
///
/// A hint's box that overlaps a made one in its slice makes it larger: the smallest box that holds both. All other boxes stand beside each
/// other. Points are put together; where a made point and a hint are at the same voxel, the hint counts.
struct HintMerge {
  let list: PromptList
  /// How many hints there were, and how many of their boxes were joined with a made one.
  let facts: JSON

  init(_ made: PromptList, hints: PromptList) {
    var list = made
    var joined = 0
    for hint in hints.boxes {
      let partner = list.boxes.indices.first {
        let box = list.boxes[$0]
        return box.z == hint.z && box.x.overlaps(hint.x) && box.y.overlaps(hint.y)
      }
      guard let partner, partner < made.boxes.count else {
        list.boxes.append(hint)
        continue
      }
      joined += 1
      list.boxes[partner].x = Self.union(list.boxes[partner].x, hint.x)
      list.boxes[partner].y = Self.union(list.boxes[partner].y, hint.y)
    }
    let places = Set(hints.points.map { [$0.z, $0.x, $0.y] })
    list.points.removeAll { places.contains([$0.z, $0.x, $0.y]) }
    list.points += hints.points
    self.list = list
    facts = [
      "boxes": .integer(Int64(hints.boxes.count)), "points": .integer(Int64(hints.points.count)),
      "boxes_joined": .integer(Int64(joined)),
    ]
  }

  private static func union(_ a: Range<Int>, _ b: Range<Int>) -> Range<Int> {
    min(a.lowerBound, b.lowerBound)..<max(a.upperBound, b.upperBound)
  }
}

extension PromptList {
  /// Joins the hints that came in, if any, and sends everything.
  ///
  /// - Parameter source: what the prompts were made of, for provenance.
  func send(
    _ context: Context, to port: Output<PromptsKind>, on grid: Grid, hints: Input<PromptsKind>,
    source: String, step: Int = 1
  ) throws {
    var metadata: [String: JSON] = ["source": .string(source), "step": .integer(Int64(step))]
    var list = self
    if let packet = try context.optionalInput(hints) {
      let merge = HintMerge(
        self, hints: try PromptList(packet, on: grid, port: hints.name))
      list = merge.list
      metadata["hints"] = merge.facts
    }
    try list.send(context, to: port, on: grid, metadata: metadata)
  }
}
