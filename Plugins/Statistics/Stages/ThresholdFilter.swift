internal import PonsKit

/// Keeps the cases whose volume has a statistic within limits, and drops the others.
///
/// NaN voxels do not count. A volume in which every voxel is NaN has no statistics, and its case fails.
struct ThresholdFilter: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "what is measured")
  static let kept = Output<VolumeKind>("volume", .perCase, "the volumes of the cases that stay")

  /// What can be measured.
  enum Statistic: String, Codable, Sendable, CaseIterable {
    case mean, minimum, maximum, std
    case nonzeroFraction = "nonzero_fraction"
    case volumeML = "volume_ml"
  }

  struct Parameters: StageParameters {
    var statistic: Statistic
    var minimum: Double?
    var maximum: Double?

    static let schema = [
      ParameterDescriptor(
        "statistic", .string,
        "what is measured of the voxels; std is that of the whole population, nonzero_fraction is "
          + "between 0 and 1, volume_ml is the volume of the voxels that are not 0",
        defaultValue: "mean", allowed: Statistic.allCases.map { .string($0.rawValue) }),
      ParameterDescriptor("minimum", .number, "cases with less are dropped"),
      ParameterDescriptor("maximum", .number, "cases with more are dropped"),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "filter.threshold", version: "1",
    summary: "keeps the cases whose volume has a statistic within limits", ports: [volume, kept],
    parameters: Parameters.schema, concurrency: .parallel)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) throws {
    if let minimum = parameters.minimum, let maximum = parameters.maximum, minimum > maximum {
      throw StageFailure(
        .badParameter, "minimum \(minimum) is greater than maximum \(maximum)",
        hint: "no case could pass", parameter: "minimum")
    }
    self.parameters = parameters
  }

  func process(_ context: Context) throws {
    let packet = try context.input(Self.volume)
    let value = try measure(packet, context)
    let name = parameters.statistic.rawValue
    if let minimum = parameters.minimum, value < minimum {
      try context.drop(
        score: value, reason: "\(name) \(shown(value, minimum)) is less than \(minimum)")
    } else if let maximum = parameters.maximum, value > maximum {
      try context.drop(
        score: value, reason: "\(name) \(shown(value, maximum)) is greater than \(maximum)")
    } else {
      try context.keep(score: value, reason: "\(name) \(shown(value, nil)) is within the limits")
      try context.forward(packet, to: Self.kept)
    }
  }

  /// A value with four digits behind the point, or with all of them when it would look like the limit.
  private func shown(_ value: Double, _ limit: Double?) -> String {
    let rounded = (value * 1e4).rounded() / 1e4
    return rounded == limit || rounded == 0 || !rounded.isFinite ? "\(value)" : "\(rounded)"
  }

  private func measure(_ packet: InputPacket<VolumeKind>, _ context: Context) throws -> Double {
    let measures = try VolumeMeasures(packet.voxels) { try context.checkCancelled() }
    if measures.nanCount > 0 {
      context.log(
        .notice, code: "NAN_VOXELS",
        "\(measures.nanCount) voxels are NaN and do not count")
    }
    let value =
      switch parameters.statistic {
      case .mean: measures.mean
      case .minimum: measures.minimum
      case .maximum: measures.maximum
      case .std: measures.std
      case .nonzeroFraction: measures.nonzeroFraction
      case .volumeML:
        try Double(measures.nonzeroCount) * GridMeasures(affine: packet.affine).voxelVolume / 1000
      }
    if measures.count == 0 || value.isNaN {
      throw StageFailure(
        .badInput, code: "NO_STATISTIC",
        measures.count == 0
          ? "no voxel of the volume is a number"
          : "\(parameters.statistic.rawValue) of the volume is not a number",
        hint: "look for NaN and infinity in the voxels", port: "volume")
    }
    return value
  }
}
