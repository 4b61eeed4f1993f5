internal import PonsModels

/// What a slice becomes before a SAM sees it, and what this SAM can be asked.
package struct ImagePreparation: Sendable, Hashable {
  /// Pixels along a side of the square that the network sees.
  package var size: Int
  /// Whether both sides become `size`; otherwise the longer one does, and zeros fill up at the right and the bottom.
  package var isStretched = false
  /// Subtracted from values from 0 to 1, for each channel; empty: nothing.
  package var mean: [Double] = []
  /// Divided by after that.
  package var deviation: [Double] = []
  /// Whether pixels are interpolated by cubic polynomials, and not linearly.
  package var isBicubic = false
  /// Whether values are rounded to one of 256 first.
  package var isEightBit = false
  /// Whether points are understood; boxes always are.
  package var takesPoints = true

  package init(size: Int) { self.size = size }

  /// LiteMedSAM's.
  package static func liteMedSAM(size: Int = 256) -> Self {
    var preparation = Self(size: size)
    preparation.takesPoints = false
    return preparation
  }

  /// SAM's, and MobileSAM's.
  package static func sam(size: Int = 1024) -> Self {
    var preparation = Self(size: size)
    preparation.isEightBit = true
    preparation.mean = [123.675 / 255, 116.28 / 255, 103.53 / 255]
    preparation.deviation = [58.395 / 255, 57.12 / 255, 57.375 / 255]
    return preparation
  }

  /// MedSAM's.
  package static func medSAM(size: Int = 1024) -> Self {
    var preparation = liteMedSAM(size: size)
    (preparation.isStretched, preparation.isBicubic) = (true, true)
    return preparation
  }
}

extension ImagePreparation {
  /// What the registry says of a model.
  init(_ registered: Preprocessing) {
    self.init(size: registered.size)
    isStretched = registered.resize == .exact
    isBicubic = registered.interpolation == .bicubic
    isEightBit = registered.scaling == .eightBit
    (mean, deviation) = (registered.mean, registered.std)
    takesPoints = registered.prompts.contains(.point)
  }
}
