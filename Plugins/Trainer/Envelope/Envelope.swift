internal import PonsKit

/// What the cases had in common that a model was trained on: outside of it nobody knows what the model does.
struct Envelope: Sendable {
  /// Empty texts stand for cases of which it was not known.
  private(set) var modalities: Set<String> = []
  private(set) var orientations: Set<String> = []
  /// Of measures that every case had: from the smallest to the largest, a range a number.
  private(set) var ranges: [CaseFacts.Measure: [ClosedRange<Double>]] = [:]
  private var count = 0

  init() {}

  /// Takes a case in.
  mutating func add(_ facts: CaseFacts) {
    modalities.insert(facts.modality)
    orientations.insert(facts.orientation)
    for measure in CaseFacts.Measure.allCases {
      guard let values = facts.measures[measure] else {
        ranges[measure] = nil
        continue
      }
      if count == 0 { ranges[measure] = values.map { $0...$0 } }
      ranges[measure] = ranges[measure].map { ranges in
        zip(ranges, values).map { min($0.lowerBound, $1)...max($0.upperBound, $1) }
      }
    }
    count += 1
  }

  /// As the metadata of a model have it.
  var json: JSON {
    var members: [String: JSON] = [
      "modality": .array(modalities.sorted().map(JSON.string)),
      "orientation": .array(orientations.sorted().map(JSON.string)),
    ]
    for (measure, ranges) in ranges {
      members[measure.rawValue] = .array(
        ranges.map { [.number($0.lowerBound), .number($0.upperBound)] })
    }
    return .object(members)
  }

  /// Reads what ``json`` writes.
  ///
  /// - Throws: `StageFailure` of category `badInput`, BAD_MODEL, when it is something else.
  init(_ json: JSON?) throws {
    func texts(_ name: String) throws -> Set<String> {
      let list = json?[name]?.array ?? []
      let texts = list.compactMap(\.string)
      if list.isEmpty || texts.count != list.count { throw Self.bad }
      return Set(texts)
    }
    modalities = try texts("modality")
    orientations = try texts("orientation")
    for measure in CaseFacts.Measure.allCases {
      guard let list = json?[measure.rawValue] else { continue }
      let isOfAxes = measure == .spacing || measure == .sourceSpacing
      let ranges = (list.array ?? []).compactMap { pair -> ClosedRange<Double>? in
        guard let low = pair[0]?.number, let high = pair[1]?.number, low.isFinite, high.isFinite,
          low <= high
        else { return nil }
        return low...high
      }
      if ranges.count != (isOfAxes ? 3 : 1) || ranges.count != list.array?.count { throw Self.bad }
      self.ranges[measure] = ranges
    }
  }

  private static let bad = StageFailure(
    .badInput, code: "BAD_MODEL",
    "the model does not say which cases it was trained on: its envelope is missing or damaged",
    hint: "train it again", port: "model")

  // MARK: Checking

  /// When a case is looked at.
  enum Moment: Sendable {
    /// As it was read: only what preprocessing does not change.
    case read
    /// Before it goes through the network.
    case prepared
  }

  /// Refuses a case that is outside.
  ///
  /// - Parameters:
  ///   - margin: how far beyond the bounds a case may be, as a share of them.
  /// - Throws: `StageFailure` of category `badInput`, OUT_OF_ENVELOPE, with everything that is outside.
  func check(_ facts: CaseFacts, at moment: Moment, margin: Double) throws {
    var outside: [String] = []
    var hints: [String] = []
    func add(_ what: String, _ hint: String) {
      outside.append(what)
      if !hints.contains(hint) { hints.append(hint) }
    }
    if !modalities.contains(facts.modality) {
      add(
        "the modality is \(Self.shown(facts.modality)), the model was trained on "
          + modalities.sorted().map(Self.shown).joined(separator: ", "),
        "use a model that was trained on such images")
    }
    if moment == .prepared, !orientations.contains(facts.orientation) {
      add(
        "the orientation is \(facts.orientation), the model was trained on "
          + orientations.sorted().joined(separator: ", "),
        "put preprocess.reorient before, as in training")
    }
    let measures: [CaseFacts.Measure] =
      moment == .read ? [.sourceSpacing] : CaseFacts.Measure.allCases
    for measure in measures {
      guard let ranges = ranges[measure] else { continue }
      guard let values = facts.measures[measure] else {
        add(
          "the \(measure.name) is not known, the model was trained on \(Self.shown(ranges[0], measure))",
          Self.preparing)
        continue
      }
      for (value, range) in zip(values, ranges) where !Self.widened(range, margin).contains(value) {
        let allowed = Self.widened(range, margin)
        add(
          "the \(measure.name) is \(Self.shown(value))\(measure.unit), the model was trained on "
            + "\(Self.shown(range, measure)) (allowed: \(Self.shown(allowed, measure)))",
          measure == .spacing
            ? "put preprocess.resample before, as in training"
            : "use a model that was trained on such images, or look whether the case is what it seems to be"
        )
      }
    }
    if outside.isEmpty { return }
    throw StageFailure(
      .badInput, code: "OUT_OF_ENVELOPE", outside.joined(separator: "; "),
      hint: hints.joined(separator: "; "), port: "volume")
  }

  private static let preparing =
    "put preprocess.normalize with the brain mask before, as in training"

  private static func widened(
    _ range: ClosedRange<Double>, _ margin: Double
  ) -> ClosedRange<Double> {
    // Spacings from headers are off by a few digits.
    let slack = max(margin, 1e-3)
    return
      (range.lowerBound - abs(range.lowerBound) * slack)...(range.upperBound
      + abs(range.upperBound) * slack)
  }

  private static func shown(_ modality: String) -> String {
    modality.isEmpty ? "unknown" : modality
  }

  private static func shown(_ value: Double) -> String {
    "\((value * 1000).rounded() / 1000)"
  }

  private static func shown(_ range: ClosedRange<Double>, _ measure: CaseFacts.Measure) -> String {
    "\(shown(range.lowerBound)) to \(shown(range.upperBound))\(measure.unit)"
  }
}
