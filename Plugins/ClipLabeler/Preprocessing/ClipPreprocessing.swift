package import PonsKit
package import PonsTorch

/// How images become what the network takes: what a `preprocessor_config.json` says, or OpenAI's values.
///
/// Source: the preprocessing of Radford et al., 2021, as `CLIPImageProcessor` of Hugging Face does it.
package struct ClipPreprocessing: Sendable, Hashable {
  /// How an image is resized.
  package enum Size: Sendable, Hashable {
    /// Until its shorter edge has so many pixels.
    case shortestEdge(Int)
    /// To height and width, whatever its proportions.
    case exactly(height: Int, width: Int)
  }

  /// Nil: it is not resized.
  package var size: Size?
  package var isBicubic: Bool
  /// Height and width of the part in the middle that is used; nil: all.
  package var crop: (Int, Int)? {
    get { cropHeight > 0 ? (cropHeight, cropWidth) : nil }
    set { (cropHeight, cropWidth) = newValue ?? (0, 0) }
  }
  private var cropHeight: Int
  private var cropWidth: Int
  /// What 0...255 is multiplied by, then what is taken away from each channel, and what that is divided by.
  package var factor: Double
  package var mean: [Double]
  package var deviation: [Double]

  /// OpenAI's preprocessing to images of `size` pixels.
  package init(size: Int) {
    self.size = .shortestEdge(size)
    isBicubic = true
    cropHeight = size
    cropWidth = size
    factor = 1 / 255
    mean = [0.48145466, 0.4578275, 0.40821073]
    deviation = [0.26862954, 0.26130258, 0.27577711]
  }

  /// Reads the object of `preprocessor_config.json`; what it does not say is as OpenAI has it.
  ///
  /// - Throws: `StageFailure` of category `badParameter` that names the value at fault.
  package init(json: JSON, size standard: Int) throws {
    self.init(size: standard)
    if let value = json["size"], value != .null {
      if let edge = value.integer ?? value["shortest_edge"]?.integer {
        size = .shortestEdge(try Self.edge(edge, "size"))
      } else if let (height, width) = try Self.extents(value, "size") {
        size = .exactly(height: height, width: width)
      } else {
        throw Self.broken("size is \(value.canonical)")
      }
    }
    if let value = json["crop_size"], value != .null {
      guard let extents = try Self.extents(value, "crop_size") else {
        throw Self.broken("crop_size is \(value.canonical)")
      }
      crop = extents
    }
    switch json["resample"]?.integer ?? 3 {
    case 3: isBicubic = true
    case 2: isBicubic = false
    case let other: throw Self.broken("resample is \(other), expected 2 (bilinear) or 3 (bicubic)")
    }
    factor = try Self.numbers(json["rescale_factor"], 1, "rescale_factor")?[0] ?? factor
    mean = try Self.numbers(json["image_mean"], 3, "image_mean") ?? mean
    deviation = try Self.numbers(json["image_std"], 3, "image_std") ?? deviation
    if deviation.contains(where: { $0 <= 0 }) { throw Self.broken("image_std must be above 0") }
    if json["do_resize"]?.bool == false { size = nil }
    if json["do_center_crop"]?.bool == false { crop = nil }
    if json["do_rescale"]?.bool == false { factor = 1 }
    if json["do_normalize"]?.bool == false { (mean, deviation) = ([0, 0, 0], [1, 1, 1]) }
  }

  private static func broken(_ message: String) -> StageFailure {
    ClipConfiguration.broken("in its preprocessor_config.json \(message)")
  }

  private static func edge(_ value: Int64, _ name: String) throws -> Int {
    if !(1...8192).contains(value) { throw broken("\(name) is \(value), expected 1 to 8192") }
    return Int(value)
  }

  private static func extents(_ json: JSON, _ name: String) throws -> (Int, Int)? {
    guard let height = json.integer ?? json["height"]?.integer,
      let width = json.integer ?? json["width"]?.integer
    else { return nil }
    return (try edge(height, name), try edge(width, name))
  }

  private static func numbers(_ json: JSON?, _ count: Int, _ name: String) throws -> [Double]? {
    guard let json, json != .null else { return nil }
    let values = json.number.map { [$0] } ?? json.array?.compactMap(\.number) ?? []
    if values.count != count || !values.allSatisfy(\.isFinite) {
      throw broken("\(name) is \(json.canonical), expected \(count) numbers")
    }
    return values
  }

  /// Grey images `[n, h, w]` of whole numbers from 0 to 255, float32, to `[n, 3, height, width]`.
  ///
  /// Resized as Pillow does it with bytes: first along x, then along y, and after each there are whole numbers from 0 to 255
  /// again. Its weights are rounded, too, and these are not, so that single pixels may differ by one of 255.
  package func callAsFunction(_ images: Tensor) throws -> Tensor {
    var images = try images.unsqueeze(1)
    let (height, width) = (images.shape[2], images.shape[3])
    let target: (Int, Int) =
      switch size {
      case nil: (height, width)
      case .exactly(let newHeight, let newWidth): (newHeight, newWidth)
      case .shortestEdge(let edge):
        height <= width ? (edge, edge * width / height) : (edge * height / width, edge)
      }
    for size in [(height, target.1), target] where size != (images.shape[2], images.shape[3]) {
      images = try images.upsample(
        to: [size.0, size.1], isBicubic ? .bicubic : .linear, antialias: true
      ).round().clamp(0, 255)
    }
    if let crop { images = try Self.centre(images, crop) }
    let scale = try Tensor.of(deviation.map { Float(factor / $0) }, shape: [1, 3, 1, 1])
    let offset = try Tensor.of(
      zip(mean, deviation).map { Float(-$0 / $1) }, shape: [1, 3, 1, 1])
    let result = try images * scale
    try result.add_(offset)
    return result
  }

  /// The part in the middle, with 0 around images that are smaller.
  private static func centre(_ images: Tensor, _ crop: (Int, Int)) throws -> Tensor {
    var images = images
    let missing = (max(0, crop.0 - images.shape[2]), max(0, crop.1 - images.shape[3]))
    if missing != (0, 0) {
      images = try images.pad([
        missing.1 / 2, (missing.1 + 1) / 2, missing.0 / 2, (missing.0 + 1) / 2,
      ])
    }
    let top = (images.shape[2] - crop.0) / 2
    let left = (images.shape[3] - crop.1) / 2
    return try images.slice(2, from: top, to: top + crop.0).slice(3, from: left, to: left + crop.1)
  }
}
