internal import PonsKit

/// The conditions of a selection.
struct SeriesRules: Sendable {
  private let parameters: SeriesSelect.Parameters
  private let description: TextPattern?
  private let exclude: TextPattern?

  init(_ parameters: SeriesSelect.Parameters) throws {
    self.parameters = parameters
    description = try parameters.description.map { try TextPattern($0, parameter: "description") }
    exclude = try parameters.exclude.map { try TextPattern($0, parameter: "exclude") }
    try Self.check("slices", parameters.minimum_slices, parameters.maximum_slices)
    try Self.check("thickness", parameters.minimum_thickness, parameters.maximum_thickness)
  }

  private static func check<Value: Comparable>(_ what: String, _ low: Value?, _ high: Value?) throws
  {
    guard let low, let high, low > high else { return }
    throw StageFailure(
      .badParameter, "minimum_\(what) \(low) is greater than maximum_\(what) \(high)",
      hint: "no series could be chosen", parameter: "minimum_\(what)")
  }

  /// How a volume stands to the rules.
  enum Judgement: Equatable {
    case matches
    /// With the rule that it does not fit.
    case fails(String)
    /// With what would have to be known.
    case unknown(String)
  }

  /// For one call, on one thread.
  func matcher() throws -> Matcher {
    Matcher(
      parameters: parameters, description: try description?.matcher(),
      exclude: try exclude?.matcher())
  }

  struct Matcher {
    fileprivate let parameters: SeriesSelect.Parameters
    fileprivate let description: (([String]) -> Bool)?
    fileprivate let exclude: (([String]) -> Bool)?

    /// A failure counts more than something that is not known; of equals the first is told.
    func judge(_ facts: SeriesFacts) -> Judgement {
      let judgements = [
        modality(facts), text(facts), localizer(facts), orientation(facts), slices(facts),
        thickness(facts), contrast(facts), imageType(facts),
      ]
      let failure = judgements.first { if case .fails = $0 { true } else { false } }
      return failure ?? judgements.first { $0 != .matches } ?? .matches
    }

    private func modality(_ facts: SeriesFacts) -> Judgement {
      if parameters.modality.isEmpty { return .matches }
      guard let found = facts.modality else { return .unknown("the modality is not known") }
      let wanted = parameters.modality
      if wanted.contains(where: { $0.uppercased() == found.uppercased() }) { return .matches }
      // A real modality is a short code; anything else might be what somebody typed.
      let isCode = found.utf8.count <= 4 && found.allSatisfy { $0.isASCII && $0.isUppercase }
      let list = wanted.joined(separator: " or ")
      return .fails("modality is \(isCode ? found : "another"), not \(list)")
    }

    private func text(_ facts: SeriesFacts) -> Judgement {
      let texts = facts.descriptions
      if texts.isEmpty, description != nil || exclude != nil {
        return .unknown("there is neither a description nor a protocol name")
      }
      if let exclude, exclude(texts) { return .fails("description matches what is excluded") }
      if let description, !description(texts) { return .fails("description does not match") }
      return .matches
    }

    private func localizer(_ facts: SeriesFacts) -> Judgement {
      if parameters.localizers == "allow" { return .matches }
      guard let found = facts.isLocalizer else {
        return .unknown("whether it is a localizer is not known")
      }
      return found ? .fails("it is a localizer") : .matches
    }

    private func orientation(_ facts: SeriesFacts) -> Judgement {
      if parameters.orientation == "any" { return .matches }
      guard let found = facts.orientation else { return .unknown("the orientation is not known") }
      return found == parameters.orientation
        ? .matches : .fails("orientation is \(found), not \(parameters.orientation)")
    }

    private func slices(_ facts: SeriesFacts) -> Judgement {
      if parameters.minimum_slices == nil, parameters.maximum_slices == nil { return .matches }
      guard let found = facts.slices else {
        if let minimum = parameters.minimum_slices, let images = facts.images, images < minimum {
          return .fails("at most \(images) slices, fewer than \(minimum)")
        }
        return .unknown("the number of slices is not known")
      }
      if let minimum = parameters.minimum_slices, found < minimum {
        return .fails("\(found) slices, fewer than \(minimum)")
      }
      if let maximum = parameters.maximum_slices, found > maximum {
        return .fails("\(found) slices, more than \(maximum)")
      }
      return .matches
    }

    private func thickness(_ facts: SeriesFacts) -> Judgement {
      if parameters.minimum_thickness == nil, parameters.maximum_thickness == nil {
        return .matches
      }
      guard let found = facts.thickness else { return .unknown("the slice thickness is not known") }
      if let minimum = parameters.minimum_thickness, found < minimum {
        return .fails("slices are \(found) mm thick, less than \(minimum) mm")
      }
      if let maximum = parameters.maximum_thickness, found > maximum {
        return .fails("slices are \(found) mm thick, more than \(maximum) mm")
      }
      return .matches
    }

    private func contrast(_ facts: SeriesFacts) -> Judgement {
      if parameters.contrast == "any" { return .matches }
      guard let found = facts.hasContrast else {
        return .unknown("whether a contrast agent was given is not known")
      }
      if found == (parameters.contrast == "yes") { return .matches }
      return .fails(
        found ? "the header names a contrast agent" : "the header names no contrast agent")
    }

    private func imageType(_ facts: SeriesFacts) -> Judgement {
      if parameters.image_type.isEmpty, parameters.exclude_image_type.isEmpty { return .matches }
      guard let found = facts.imageType.map({ Set($0.map { $0.uppercased() }) }) else {
        return .unknown("the image type is not known")
      }
      if let missing = parameters.image_type.first(where: { !found.contains($0.uppercased()) }) {
        return .fails("image type does not contain \(missing)")
      }
      let unwanted = parameters.exclude_image_type.first { found.contains($0.uppercased()) }
      if let unwanted { return .fails("image type contains \(unwanted)") }
      return .matches
    }
  }
}
