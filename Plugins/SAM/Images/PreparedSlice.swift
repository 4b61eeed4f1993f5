package import PonsTorch

/// A slice as a SAM sees it, and the way of places and masks between the two.
package struct PreparedSlice: Sendable {
  /// `[1, size, size, 1 or 3]`.
  package let image: Tensor
  private let size: Int
  /// Extents of the slice, and of the part of the image that it fills.
  private let (height, width): (Int, Int)
  private let (filledHeight, filledWidth): (Int, Int)

  /// - Parameters:
  ///   - slice: `[y, x]` float32; what is not finite counts as the smallest value.
  ///   - preparation: what the network wants.
  /// - Returns: nil when all values are the same, because there is nothing to see then.
  package init?(_ slice: Tensor, for preparation: ImagePreparation) throws {
    let size = preparation.size
    (height, width) = (slice.shape[0], slice.shape[1])
    let scale = Double(size) / Double(max(height, width))
    filledHeight = preparation.isStretched ? size : max(1, Int(Double(height) * scale + 0.5))
    filledWidth = preparation.isStretched ? size : max(1, Int(Double(width) * scale + 0.5))
    self.size = size
    guard let finite = try Self.finite(slice) else { return nil }
    // As the networks were trained: SAM on pictures of 8 bits, the others on values from 0 to 1 once the image has its size.
    var image = try finite.reshape([1, 1, height, width])
    if preparation.isEightBit {
      image = try Self.scaled(image) * 255
      image = try image.round() * (1 / 255)
    }
    image = try image.upsample(
      to: [filledHeight, filledWidth], preparation.isBicubic ? .bicubic : .linear, antialias: true)
    if !preparation.isEightBit { image = try Self.scaled(image) }
    if !preparation.mean.isEmpty {
      let mean = try Tensor.of(preparation.mean.map(Float.init), shape: [1, 3, 1, 1])
      let deviation = try Tensor.of(preparation.deviation.map(Float.init), shape: [1, 3, 1, 1])
      image = try (image - mean) / deviation
    }
    self.image = try image.pad([0, size - filledWidth, 0, size - filledHeight])
      .permute([0, 2, 3, 1]).contiguous()
  }

  /// Values from 0 to 1; all are 0 when they are equal.
  private static func scaled(_ image: Tensor) throws -> Tensor {
    let low = try image.min().item()
    let high = try image.max().item()
    return try (image - low) * (high > low ? 1 / (high - low) : 0)
  }

  /// The slice with its smallest value in the place of what is not finite; nil when nothing is, or all is the same.
  private static func finite(_ slice: Tensor) throws -> Tensor? {
    var (low, high) = (Float.infinity, -Float.infinity)
    var isWhole = true
    let values = try slice.contiguous()
    try values.withElements(of: Float.self) { values in
      for value in values {
        if value.isFinite {
          low = min(low, value)
          high = max(high, value)
        } else {
          isWhole = false
        }
      }
    }
    guard low < high else { return nil }
    if isWhole && high - low < .greatestFiniteMagnitude { return values }
    // Values near the ends of float32 are brought near, so that interpolation cannot overflow.
    let factor: Float = high / 2 - low / 2 > 1e37 ? 1e-3 : 1
    let copy = try values.clone()
    try copy.withMutableElements(of: Float.self) { values in
      for index in values.indices {
        values[index] = (values[index].isFinite ? values[index] : low) * factor
      }
    }
    return copy
  }

  /// A pixel of the slice as a place in the image.
  package func place(x: Int, y: Int) -> (x: Float, y: Float) {
    (
      Float(x) * Float(filledWidth) / Float(width), Float(y) * Float(filledHeight) / Float(height)
    )
  }

  /// Logits `[b, 1, 4 h, 4 w]` of the image to those of the slice, `[b, 1, y, x]`.
  package func restored(_ logits: Tensor) throws -> Tensor {
    let full =
      logits.shape[2] == size
      ? logits : try logits.upsample(to: [size, size], .linear)
    let filled = try full.slice(2, to: filledHeight).slice(3, to: filledWidth)
    if filledHeight == height && filledWidth == width { return filled }
    return try filled.upsample(to: [height, width], .linear)
  }
}
