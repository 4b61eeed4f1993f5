internal import PonsImaging
package import PonsKit

/// What prompts are made of a region, as manifests set it.
package struct PromptSettings: StageParameters {
  package enum GrowthUnit: String, Codable, Sendable { case mm, px }

  var growth: Double
  var growth_unit: GrowthUnit
  var boxes: Bool
  var foreground: Bool
  var brightness: Double
  var background: Bool
  var step: Int

  /// The settings of CLISC.
  package static let schema = descriptors(growth: 10, foreground: true)

  static func descriptors(growth: Double, foreground: Bool) -> [ParameterDescriptor] {
    [
      ParameterDescriptor(
        "growth", .number, "how much larger than the region a box is on every side; in growth_unit",
        defaultValue: .number(growth), minimum: 0, maximum: 1000),
      ParameterDescriptor(
        "growth_unit", .string,
        "of growth: mm is rounded to whole pixels along each axis, px are pixels",
        defaultValue: "mm", allowed: ["mm", "px"]),
      ParameterDescriptor("boxes", .boolean, "make a box a slice", defaultValue: true),
      ParameterDescriptor(
        "foreground", .boolean, "make up to five points in the bright part of the region",
        defaultValue: .bool(foreground)),
      ParameterDescriptor(
        "brightness", .number,
        "least brightness of foreground points, as a part of the brightest one's; brightness is 0 to 1 between "
          + "the slice's extremes", defaultValue: 0.6, minimum: 0, maximum: 1),
      ParameterDescriptor(
        "background", .boolean, "make points of the box's corners that are not in the region",
        defaultValue: false),
      step,
    ]
  }

  static let step = ParameterDescriptor(
    "step", .integer,
    "prompts in every so many slices, of those that would get some, and in the last of them",
    defaultValue: 1, minimum: 1, maximum: 1000, unit: "slices")

  /// Growth of boxes in whole pixels along x, y; none along z.
  func margins(_ spacing: SIMD3<Double>) -> SIMD3<Int> {
    func pixels(_ spacing: Double) -> Int {
      Int(min(1e6, growth_unit == .px ? growth : growth / spacing).rounded())
    }
    return [pixels(spacing.x), pixels(spacing.y), 0]
  }
}

extension Array {
  /// Every element whose index is a multiple of `step`, and the last.
  func every(_ step: Int) -> [Element] {
    indices.filter { $0 % step == 0 || $0 == count - 1 }.map { self[$0] }
  }
}
