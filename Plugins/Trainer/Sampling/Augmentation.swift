package import PonsKit
package import PonsTorch

/// Random changes that leave a mask true: flips, quarter turns in the slice plane, brightness and contrast.
package struct Augmentation: Sendable {
  /// Whether axes are flipped, each with probability 1/2.
  package var flips: Bool
  /// Whether patches are turned by a random number of quarter turns in y and x; square patches only.
  package var turns: Bool
  /// Largest relative change of contrast, and of brightness in units of the intensities.
  package var intensity: Double

  package init(flips: Bool, turns: Bool, intensity: Double) {
    self.flips = flips
    self.turns = turns
    self.intensity = intensity
  }

  /// A changed sample: image `[1, z, y, x]`, classes `[z, y, x]`.
  package func apply(
    _ image: Tensor, _ classes: Tensor, _ random: inout SplitMix64
  ) throws(TorchError) -> (image: Tensor, classes: Tensor) {
    var (image, classes) = (image, classes)
    if flips {
      let axes = [-3, -2, -1].filter { _ in Bool.random(using: &random) }
      if !axes.isEmpty { (image, classes) = (try image.flip(axes), try classes.flip(axes)) }
    }
    if turns, image.shape[2] == image.shape[3] {
      let count = Int.random(in: 0..<4, using: &random)
      if count > 0 {
        image = try image.rot90(count, -2, -1)
        classes = try classes.rot90(count, -2, -1)
      }
    }
    if intensity > 0 {
      let contrast = 1 + Double.random(in: -intensity...intensity, using: &random)
      let brightness = Double.random(in: -intensity...intensity, using: &random)
      image = try image * contrast + brightness
    }
    return (image, classes)
  }
}
