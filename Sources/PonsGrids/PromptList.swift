package import PonsImaging
package import PonsKit

/// Boxes and points on a voxel grid: what a packet of kind `prompts` holds.
///
/// Tensors: `boxes` `[n, 5]` int32 (z, x0, y0, x1, y1; half-open), `points` `[m, 4]` int32 (z, x, y, label; 1 is foreground, 0 is
/// background). Metadata: `grid`, see ``PonsImaging/Grid/json``.
package struct PromptList: Sendable, Hashable {
  /// A box in a slice; upper bounds are exclusive.
  package struct Box: Sendable, Hashable {
    package var z: Int
    package var x: Range<Int>
    package var y: Range<Int>

    package init(z: Int, x: Range<Int>, y: Range<Int>) {
      self.z = z
      self.x = x
      self.y = y
    }
  }

  /// A voxel that is said to be inside or outside.
  package struct Point: Sendable, Hashable {
    package var z: Int
    package var x: Int
    package var y: Int
    package var isForeground: Bool

    package init(z: Int, x: Int, y: Int, isForeground: Bool) {
      self.z = z
      self.x = x
      self.y = y
      self.isForeground = isForeground
    }
  }

  /// Sorted by slice, in the order in which they were made.
  package var boxes: [Box] = []
  /// Sorted by slice, in the order in which they were made.
  package var points: [Point] = []

  package init() {}

  /// Slices with a box or a point, in ascending order.
  package var slices: [Int] { Set(boxes.map(\.z) + points.map(\.z)).sorted() }

  /// Adds a row of `boxes`.
  ///
  /// - Returns: what is wrong with it, or nil.
  package mutating func append(box row: [Int], within size: GridSize) -> String? {
    guard row.count == 5 else { return "has \(row.count) numbers, expected z, x0, y0, x1, y1" }
    let (z, x0, y0, x1, y1) = (row[0], row[1], row[2], row[3], row[4])
    if !(0..<size.z).contains(z) { return "is in slice \(z) of \(size.z); slices count from 0" }
    for (axis, low, high, limit) in [("x", x0, x1, size.x), ("y", y0, y1, size.y)] {
      if low >= high {
        return "goes from \(axis) \(low) to \(high) and is empty; the second bound is exclusive"
      }
      if low < 0 || high > limit {
        return "goes from \(axis) \(low) to \(high), beyond the \(limit) voxels along \(axis)"
      }
    }
    boxes.append(Box(z: z, x: x0..<x1, y: y0..<y1))
    return nil
  }

  /// Adds a row of `points`.
  ///
  /// - Returns: what is wrong with it, or nil.
  package mutating func append(point row: [Int], within size: GridSize) -> String? {
    guard row.count == 4 else { return "has \(row.count) numbers, expected z, x, y, label" }
    let (z, x, y, label) = (row[0], row[1], row[2], row[3])
    if !(0..<size.z).contains(z) { return "is in slice \(z) of \(size.z); slices count from 0" }
    if !(0..<size.x).contains(x) || !(0..<size.y).contains(y) {
      return "is at x \(x), y \(y), outside of \(size.x) x \(size.y) voxels"
    }
    guard label == 0 || label == 1 else {
      return "has the label \(label), expected 1 (foreground) or 0 (background)"
    }
    points.append(Point(z: z, x: x, y: y, isForeground: label == 1))
    return nil
  }

  /// Reads a packet, which must lie on a grid.
  ///
  /// - Throws: `StageFailure` of category `badInput`: BAD_PROMPTS names the row, GRID_MISMATCH.
  package init(_ packet: InputPacket<PromptsKind>, on grid: Grid, port: String) throws {
    guard let own = try packet.metadata["grid"].flatMap(Grid.init) else {
      throw StageFailure(
        .badInput, code: "BAD_PROMPTS",
        "the prompts do not say which grid they are on: 'grid' in their metadata must have 'shape' and 'affine'",
        port: port)
    }
    if let difference = own.difference(to: grid) {
      throw StageFailure(
        .badInput, code: "GRID_MISMATCH",
        "the prompts and the volume lie on different grids: \(difference)",
        hint: "make prompts for the volume that they are used with", port: port)
    }
    for row in try Self.rows(packet.boxes, width: 5, port: port).enumerated() {
      if let problem = append(box: row.element, within: grid.size) {
        throw Self.failure("row \(row.offset) of 'boxes' \(problem)", port: port)
      }
    }
    for row in try Self.rows(packet.points, width: 4, port: port).enumerated() {
      if let problem = append(point: row.element, within: grid.size) {
        throw Self.failure("row \(row.offset) of 'points' \(problem)", port: port)
      }
    }
  }

  private static func rows(_ tensor: TensorView, width: Int, port: String) throws -> [[Int]] {
    guard tensor.shape.count == 2, tensor.shape[1] == width || tensor.count == 0 else {
      throw failure(
        "the tensor '\(tensor.name)' has the shape \(tensor.shape), expected [n, \(width)]",
        port: port)
    }
    let values = try tensor.array(of: Int32.self).map(Int.init)
    return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
  }

  private static func failure(_ message: String, port: String) -> StageFailure {
    StageFailure(.badInput, code: "BAD_PROMPTS", message, port: port)
  }

  /// Sends the list, sorted by slice.
  ///
  /// - Parameters:
  ///   - metadata: what else is to be said; `grid` and `slices` are added.
  package func send(
    _ context: Context, to port: Output<PromptsKind>, on grid: Grid, metadata: [String: JSON]
  ) throws {
    // Sorting is stable.
    let boxes = boxes.sorted { $0.z < $1.z }
    let points = points.sorted { $0.z < $1.z }
    var metadata = metadata
    metadata["grid"] = grid.json
    metadata["slices"] = .array(slices.map { .integer(Int64($0)) })
    try context.send(
      port,
      tensors: [
        TensorRequest("boxes", .int32, [boxes.count, 5]),
        TensorRequest("points", .int32, [points.count, 4]),
      ], metadata: metadata
    ) { draft in
      let boxRows = boxes.flatMap {
        [$0.z, $0.x.lowerBound, $0.y.lowerBound, $0.x.upperBound, $0.y.upperBound]
      }
      let pointRows = points.flatMap { [$0.z, $0.x, $0.y, $0.isForeground ? 1 : 0] }
      try draft.fill("boxes", with: boxRows.map(Int32.init))
      try draft.fill("points", with: pointRows.map(Int32.init))
    }
  }
}
