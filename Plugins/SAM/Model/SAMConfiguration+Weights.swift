package import PonsTorch

extension SAMConfiguration {
  /// The sizes that the weights of a SAM have.
  ///
  /// What no shape tells is as in every published SAM: 8 heads in the decoder, and images of 256 pixels for a TinyViT that
  /// does not reduce them first (LiteMedSAM), of 1024 for one that does (MobileSAM).
  ///
  /// - Parameter weights: by the names of the original or those of Hugging Face.
  /// - Throws: ``SAMWeightsError`` that names the first tensor that a SAM must have and this does not.
  package init(weights: StateDict) throws {
    let shapes = WeightShapes(weights)
    if shapes.has("image_encoder.pos_embed") {
      self.init(.vit(try ViTConfiguration(shapes)))
    } else {
      self.init(.tinyViT(try TinyViTConfiguration(shapes)))
    }
    width = try shapes("prompt_encoder.no_mask_embed.weight", 2)[1]
    maskChannels = try shapes("prompt_encoder.mask_downscaling.3.weight", 4)[0]
    decoderDepth = shapes.count("mask_decoder.transformer.layers")
    decoderHidden = try shapes("mask_decoder.transformer.layers.0.mlp.lin1.weight", 2)[0]
    masks = try shapes("mask_decoder.mask_tokens.weight", 2)[0] - 1
    qualityDepth = shapes.count("mask_decoder.iou_prediction_head.layers")
    qualityHidden = try shapes("mask_decoder.iou_prediction_head.layers.0.weight", 2)[0]
    if SAMNames.isHuggingFace(weights) { decoderEps = 1e-6 }
    guard width >= 8, width % 8 == 0, maskChannels >= 4, masks >= 1, embeddingSize >= 1 else {
      throw SAMWeightsError("\(shapes.source) has sizes that no SAM can have")
    }
  }
}

extension ViTConfiguration {
  fileprivate init(_ shapes: WeightShapes) throws {
    self.init()
    let positions = try shapes("image_encoder.pos_embed", 4)
    width = positions[3]
    patchSize = try shapes("image_encoder.patch_embed.proj.weight", 4)[3]
    imageSize = positions[1] * patchSize
    depth = shapes.count("image_encoder.blocks")
    hidden = try shapes("image_encoder.blocks.0.mlp.lin1.weight", 2)[0]
    outputs = try shapes("image_encoder.neck.0.weight", 4)[0]
    let whole = 2 * positions[1] - 1
    globalBlocks = []
    for block in 0..<depth {
      let table = try shapes("image_encoder.blocks.\(block).attn.rel_pos_h", 2)
      if table[0] == whole { globalBlocks.insert(block) } else { window = (table[0] + 1) / 2 }
      heads = width / max(1, table[1])
    }
    if heads < 1 || window < 1 || depth < 1 || patchSize < 1 || width % heads != 0 {
      throw SAMWeightsError("\(shapes.source) has an image encoder with sizes that make no sense")
    }
  }
}

extension TinyViTConfiguration {
  fileprivate init(_ shapes: WeightShapes) throws {
    self.init()
    let first = try shapes("image_encoder.patch_embed.seq.0.c.weight", 4)
    if first[3] > 1 { (imageSize, reducesImage) = (1024, true) }
    let stages = shapes.count("image_encoder.layers")
    (widths, depths, heads, windows) = ([], [], [], [])
    for stage in 0..<stages {
      let layer = "image_encoder.layers.\(stage)"
      depths.append(shapes.count("\(layer).blocks"))
      if stage == 0 {
        widths.append(try shapes("\(layer).blocks.0.conv1.c.weight", 4)[1])
        heads.append(1)
        windows.append(1)
      } else {
        widths.append(try shapes("\(layer).blocks.0.attn.norm.weight", 1)[0])
        let biases = try shapes("\(layer).blocks.0.attn.attention_biases", 2)
        heads.append(biases[0])
        windows.append(Int(Double(biases[1]).squareRoot().rounded()))
      }
      guard heads[stage] > 0, windows[stage] > 0, widths[stage] % heads[stage] == 0 else {
        throw SAMWeightsError("\(shapes.source) has sizes in '\(layer)' that make no sense")
      }
    }
    outputs = try shapes("image_encoder.neck.0.weight", 4)[0]
  }
}

/// Why weights are not those of a SAM.
package struct SAMWeightsError: Error, Sendable, CustomStringConvertible {
  /// What was found and what was expected.
  package let description: String

  init(_ description: String) { self.description = description }
}

/// Shapes by the names of the original.
private struct WeightShapes {
  let source: String
  private let shapes: [String: [Int]]

  init(_ weights: StateDict) {
    source = weights.source
    let renaming = SAMNames.renaming(of: weights)
    shapes = Dictionary(
      weights.entries.map { (Renaming.apply(renaming, to: $0.name), $0.tensor.shape) },
      uniquingKeysWith: { first, _ in first })
  }

  func has(_ name: String) -> Bool { shapes[name] != nil }

  func callAsFunction(_ name: String, _ rank: Int) throws -> [Int] {
    guard let shape = shapes[name] else {
      throw SAMWeightsError("\(source) is no SAM: the tensor '\(name)' is missing")
    }
    guard shape.count == rank, shape.allSatisfy({ (1...1 << 20).contains($0) }) else {
      throw SAMWeightsError(
        "\(source) is no SAM: the tensor '\(name)' has the shape \(shape), expected \(rank) axes")
    }
    return shape
  }

  /// How many numbers, from 0, follow a prefix.
  func count(_ prefix: String) -> Int {
    let numbers = Set(
      shapes.keys.lazy.filter { $0.hasPrefix(prefix + ".") }
        .compactMap {
          $0.dropFirst(prefix.count + 1).split(separator: ".").first.flatMap { Int($0) }
        })
    var count = 0
    while numbers.contains(count) { count += 1 }
    return count
  }
}
