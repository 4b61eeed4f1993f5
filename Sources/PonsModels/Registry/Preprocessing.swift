internal import PonsKit

/// What an image has to become before a model sees it.
public struct Preprocessing: Sendable, Hashable {
  /// How an image gets the model's size.
  public enum Resize: String, Sendable, Hashable, CaseIterable {
    /// Both sides become `size`, whatever the image's shape.
    case exact
    /// The longer side becomes `size`; see ``padding``.
    case longestSide = "longest-side"
    /// The shorter side becomes `size`, then the middle is cut out.
    case shortestSideCentreCrop = "shortest-side-centre-crop"
  }

  /// How pixels are interpolated.
  public enum Interpolation: String, Sendable, Hashable, CaseIterable {
    case bilinear, bicubic
  }

  /// How intensities get between 0 and 1, before mean and standard deviation.
  public enum Scaling: String, Sendable, Hashable, CaseIterable {
    /// Minimum and maximum of the image become 0 and 1.
    case minMax = "min-max"
    /// The image becomes one of 8 bits, which is divided by 255.
    case eightBit = "8-bit"
  }

  /// Where zeros fill up what is not square.
  public enum Padding: String, Sendable, Hashable, CaseIterable {
    case none
    case rightBottom = "right-bottom"
  }

  /// What a model can be asked with.
  public enum Prompt: String, Sendable, Hashable, CaseIterable {
    case box, point, mask, text
  }

  /// Pixels of a side of the model's input, which is square.
  public var size: Int
  /// How an image gets that size.
  public var resize: Resize
  /// How pixels are interpolated.
  public var interpolation: Interpolation
  /// How intensities get between 0 and 1.
  public var scaling: Scaling
  /// Subtracted after scaling, for each of three channels; empty for nothing.
  public var mean: [Double]
  /// Divided by after that; empty for nothing.
  public var std: [Double]
  /// Where zeros fill up, after mean and standard deviation.
  public var padding: Padding
  /// What the model can be asked with.
  public var prompts: Set<Prompt>

  init(_ entry: RegistryReader) throws(ModelError) {
    size = try entry.integer("size")
    resize = try entry.choice("resize")
    interpolation = try entry.choice("interpolation")
    scaling = try entry.choice("scaling")
    padding = entry.has("padding") ? try entry.choice("padding") : .none
    mean = entry.has("mean") ? try entry.numbers("mean", count: 3) : []
    std = entry.has("std") ? try entry.numbers("std", count: 3) : []
    var prompts: Set<Prompt> = []
    for name in try entry.strings("prompts") {
      prompts.insert(try entry.choice(name, of: "prompts"))
    }
    self.prompts = prompts
    if mean.isEmpty != std.isEmpty { throw entry.error("'mean' and 'std' belong together") }
    if std.contains(where: { $0 <= 0 }) { throw entry.error("'std' must be above 0") }
    try entry.expectOnly([
      "size", "resize", "interpolation", "scaling", "padding", "mean", "std", "prompts",
    ])
  }
}
