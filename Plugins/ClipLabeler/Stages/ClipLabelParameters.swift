internal import PonsKit

/// What `clip.label` can be told.
struct ClipLabelParameters: StageParameters {
  var model: String
  var folder: String?
  var classes: [String]
  var texts: JSON
  var min_probability: Double
  var min_probability_of: JSON
  var smooth_each: Int
  var smooth_reach: Int
  var smooth_minimum: Int
  var smooth_mm: Double?
  var window: SliceImages.Window
  var fit: SliceImages.Fit
  var min_signal: Double
  var batch: Int

  static let schema = [
    ParameterDescriptor(
      "model", .string,
      "name of a CLIP model (pons models list; pons models fetch NAME)", isRequired: true),
    ParameterDescriptor(
      "folder", .path,
      "a folder with the model as Hugging Face lays it out, instead of the store's; 'model' is then "
        + "only its name in results"),
    ParameterDescriptor(
      "classes", .array(.string),
      "names of the classes; the first is label 0, which also wins a vote that nobody wins",
      defaultValue: ["normal", "tumor"]),
    ParameterDescriptor(
      "texts", .object,
      "for each class a text that describes its slices, or a list of texts, which are averaged",
      defaultValue: [
        "normal":
          "an image of brain tissue showing typical signal intensity without any regions of abnormal intensity or suspicious mass",
        "tumor":
          "an image of brain tissue showing a tumor with uneven hyperintensity and irregular borders distinct from surroundings",
      ]),
    ParameterDescriptor(
      "min_probability", .number, "a slice whose largest probability is less gets no label",
      defaultValue: 0.6, minimum: 0, maximum: 1),
    ParameterDescriptor(
      "min_probability_of", .object, "another such limit for some classes: {normal: 0.8}",
      defaultValue: [:]),
    ParameterDescriptor(
      "smooth_each", .integer,
      "neighbours that vote on a slice, before it and behind it among the labelled; 0: no vote",
      defaultValue: 5, minimum: 0, maximum: 1000, unit: "slices"),
    ParameterDescriptor(
      "smooth_reach", .integer, "how far away a neighbour may be", defaultValue: 6, minimum: 0,
      maximum: 1000, unit: "slices"),
    ParameterDescriptor(
      "smooth_minimum", .integer, "a slice is only voted on by more neighbours than this",
      defaultValue: 8, minimum: 0, maximum: 2000),
    ParameterDescriptor(
      "smooth_mm", .number,
      "instead of the three: all labelled slices that are no farther away vote, if more than "
        + "eight tenths of those that fit are labelled; 0: no vote", minimum: 0, maximum: 1000,
      unit: "mm"),
    ParameterDescriptor(
      "window", .string,
      "what becomes black and white: the least and largest intensity of each slice, or of the volume",
      defaultValue: "slice", allowed: SliceImages.Window.allCases.map { .string($0.rawValue) }),
    ParameterDescriptor(
      "fit", .string,
      "what is seen of slices that are no squares: crop, the middle, as CLIP does; pad, all, with dark bars",
      defaultValue: "crop", allowed: SliceImages.Fit.allCases.map { .string($0.rawValue) }),
    ParameterDescriptor(
      "min_signal", .number,
      "share of a slice that must be in the mask, or without one brighter than the darkest voxel; "
        + "others get no label", defaultValue: 0.02, minimum: 0, maximum: 1),
    ParameterDescriptor(
      "batch", .integer, "slices that are looked at together", defaultValue: 16, minimum: 1,
      maximum: 1024, unit: "slices"),
  ]

  /// The texts of each class, in the order of the classes.
  func textsOfClasses() throws -> [[String]] {
    if classes.count < 2 || Set(classes).count != classes.count || classes.count > 100 {
      throw Self.bad("classes", "there must be 2 to 100 classes, each once")
    }
    try Self.check(texts, "texts", classes)
    return try classes.map { name in
      let given = texts[name]
      let list = given?.string.map { [$0] } ?? given?.array?.compactMap(\.string) ?? []
      if list.isEmpty || list.count != given?.array?.count ?? 1 {
        throw Self.bad("texts", "the class '\(name)' needs a text or a list of texts")
      }
      // The tokenizer joins pairs until nothing fits; nobody waits for a book.
      if list.contains(where: { $0.utf8.count > 10_000 }) {
        throw Self.bad("texts", "a text of the class '\(name)' has more than 10,000 bytes")
      }
      return list
    }
  }

  /// When a slice gets a label.
  func cut() throws -> ConfidenceCut {
    try Self.check(min_probability_of, "min_probability_of", classes)
    return ConfidenceCut(
      minimum: try classes.map { name in
        guard let given = min_probability_of[name] else { return min_probability }
        guard let number = given.number, (0...1).contains(number) else {
          throw Self.bad(
            "min_probability_of", "'\(name)' is \(given.canonical), expected 0 to 1")
        }
        return number
      })
  }

  /// How labels are smoothed along slices that are `spacing` mm apart; nil: not at all.
  func smoothing(spacing: Double) -> NeighbourSmoothing? {
    let smoothing =
      smooth_mm.map { NeighbourSmoothing(distance: $0, spacing: spacing) }
      ?? NeighbourSmoothing(each: smooth_each, reach: smooth_reach, minimum: smooth_minimum)
    return smoothing.each > 0 ? smoothing : nil
  }

  private static func check(_ json: JSON, _ parameter: String, _ classes: [String]) throws {
    guard let members = json.object else {
      throw bad(parameter, "expected an object with names of classes")
    }
    if let other = members.keys.sorted().first(where: { !classes.contains($0) }) {
      throw bad(
        parameter, "there is no class '\(other)'; there are \(classes.joined(separator: ", "))")
    }
  }

  private static func bad(_ parameter: String, _ message: String) -> StageFailure {
    StageFailure(.badParameter, message, parameter: parameter)
  }
}
