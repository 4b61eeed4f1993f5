internal import PonsFiles
package import PonsGrids
package import PonsImaging
internal import PonsKit

/// Prompts that somebody wrote down, as JSON.
///
/// ```json
/// {"boxes": [[z, x0, y0, x1, y1], ...], "points": [[z, x, y, label], ...]}
/// {"cases": {"CASE": {"boxes": [...], "points": [...]}, ...}}
/// ```
/// Numbers are voxel indices of the volume as it is stored, from 0; upper bounds of boxes are exclusive; label 1 is foreground, 0
/// background. The first form holds for every case, the second names cases by their keys or by the names that their source has for them.
package struct PromptFile: Sendable {
  private struct Rows: Sendable {
    var boxes: [[Int]] = []
    var points: [[Int]] = []
    /// " of case 2" in messages: which entry of the file, without its name.
    var place: String
  }

  private enum Content: Sendable {
    case everyCase(Rows)
    case cases([String: Rows])
  }

  private let content: Content

  /// Reads a file; see ``init(_:keyOf:)``.
  init(path: String, keyOf: (_ name: String, _ isPublic: Bool) throws -> String) throws {
    try self.init(
      ParameterFile.read(path, parameter: "path", limit: 64 << 20), keyOf: keyOf)
  }

  /// Parses the bytes of a file.
  ///
  /// - Parameter keyOf: the key of the case that a source calls by a name; the second argument says that the name is public.
  /// - Throws: `StageFailure` of category `badParameter`, BAD_PROMPTS, that names the row and shows no names of cases.
  package init(
    _ bytes: [UInt8], keyOf: (_ name: String, _ isPublic: Bool) throws -> String
  ) throws {
    let json: JSON
    do {
      json = try JSON(parsing: bytes)
    } catch {
      throw Self.failure("is no JSON: \(error)")
    }
    guard let members = json.object else { throw Self.failure("is no JSON object") }
    guard let cases = members["cases"] else {
      content = .everyCase(try Self.rows(json, place: ""))
      return
    }
    if members.count > 1 {
      throw Self.failure("has other members beside 'cases'", hint: "each case has its own lists")
    }
    guard let entries = cases.object else { throw Self.failure("has 'cases' that is no object") }
    var known: [String: Rows] = [:]
    for (number, entry) in entries.sorted(by: { $0.key < $1.key }).enumerated() {
      let rows = try Self.rows(entry.value, place: " of case \(number + 1) (by name)")
      // A key is its own public name; the source may also have called the case so in private.
      for key in try Set([keyOf(entry.key, true), keyOf(entry.key, false)]) {
        if known.updateValue(rows, forKey: key) != nil {
          throw Self.failure("names a case twice: case \(number + 1) (by name) is another one, too")
        }
      }
    }
    content = .cases(known)
  }

  private static func rows(_ json: JSON, place: String) throws -> Rows {
    guard let members = json.object else { throw failure("has no object as the value\(place)") }
    if let unknown = members.keys.sorted().first(where: { $0 != "boxes" && $0 != "points" }) {
      throw failure(
        place.isEmpty
          ? "has a member '\(unknown)'; expected boxes, points or cases"
          : "has an unknown member\(place); expected boxes and points")
    }
    var rows = Rows(place: place)
    rows.boxes = try numbers(members["boxes"], "boxes", 5, place)
    rows.points = try numbers(members["points"], "points", 4, place)
    return rows
  }

  private static func numbers(_ json: JSON?, _ name: String, _ width: Int, _ place: String) throws
    -> [[Int]]
  {
    guard let json else { return [] }
    guard let list = json.array else { throw failure("has '\(name)'\(place) that is no list") }
    return try list.enumerated().map { number, row in
      let values = (row.array ?? []).compactMap(\.integer)
      guard values.count == width, row.array?.count == width,
        values.allSatisfy({ (-(1 << 20)...1 << 20).contains($0) })
      else {
        throw failure(
          "has in row \(number + 1) of '\(name)'\(place) something else than \(width) whole numbers",
          hint: name == "boxes"
            ? "a box is [z, x0, y0, x1, y1]" : "a point is [z, x, y, label]")
      }
      return values.map(Int.init)
    }
  }

  /// The prompts of a case, on its grid; nil when the file does not name it.
  ///
  /// - Throws: `StageFailure` of category `badInput`, BAD_PROMPTS, that names the row.
  package func prompts(of caseKey: String, within size: GridSize) throws -> PromptList? {
    let rows: Rows
    switch content {
    case .everyCase(let all): rows = all
    case .cases(let known):
      guard let own = known[caseKey] else { return nil }
      rows = own
    }
    var list = PromptList()
    for (number, row) in rows.boxes.enumerated() {
      if let problem = list.append(box: row, within: size) {
        throw Self.outside("row \(number + 1) of 'boxes'\(rows.place) \(problem)")
      }
    }
    for (number, row) in rows.points.enumerated() {
      if let problem = list.append(point: row, within: size) {
        throw Self.outside("row \(number + 1) of 'points'\(rows.place) \(problem)")
      }
    }
    return list
  }

  private static func outside(_ message: String) -> StageFailure {
    StageFailure(
      .badInput, code: "BAD_PROMPTS", message,
      hint: "numbers are voxel indices of the volume as it is stored", parameter: "path")
  }

  private static func failure(_ what: String, hint: String = "") -> StageFailure {
    StageFailure(
      .badParameter, code: "BAD_PROMPTS", "the file of prompts \(what)", hint: hint,
      parameter: "path")
  }
}
