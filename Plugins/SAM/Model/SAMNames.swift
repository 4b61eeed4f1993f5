package import PonsTorch

/// What files call the tensors of a SAM.
package enum SAMNames {
  /// The layers of Hugging Face's SamModel, by the names of the original.
  private static let huggingFace: [Renaming] =
    [
      (
        "shared_image_embedding.positional_embedding",
        "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
      ),
      ("vision_encoder.pos_embed", "image_encoder.pos_embed"),
      ("vision_encoder.patch_embed.projection", "image_encoder.patch_embed.proj"),
      ("vision_encoder.layers.*.layer_norm1", "image_encoder.blocks.*.norm1"),
      ("vision_encoder.layers.*.layer_norm2", "image_encoder.blocks.*.norm2"),
      ("vision_encoder.layers", "image_encoder.blocks"),
      ("vision_encoder.neck.conv1", "image_encoder.neck.0"),
      ("vision_encoder.neck.layer_norm1", "image_encoder.neck.1"),
      ("vision_encoder.neck.conv2", "image_encoder.neck.2"),
      ("vision_encoder.neck.layer_norm2", "image_encoder.neck.3"),
      ("prompt_encoder.point_embed", "prompt_encoder.point_embeddings"),
      ("prompt_encoder.mask_embed.conv1", "prompt_encoder.mask_downscaling.0"),
      ("prompt_encoder.mask_embed.layer_norm1", "prompt_encoder.mask_downscaling.1"),
      ("prompt_encoder.mask_embed.conv2", "prompt_encoder.mask_downscaling.3"),
      ("prompt_encoder.mask_embed.layer_norm2", "prompt_encoder.mask_downscaling.4"),
      ("prompt_encoder.mask_embed.conv3", "prompt_encoder.mask_downscaling.6"),
      (
        "mask_decoder.transformer.layer_norm_final_attn", "mask_decoder.transformer.norm_final_attn"
      ),
      ("mask_decoder.upscale_conv1", "mask_decoder.output_upscaling.0"),
      ("mask_decoder.upscale_layer_norm", "mask_decoder.output_upscaling.1"),
      ("mask_decoder.upscale_conv2", "mask_decoder.output_upscaling.3"),
    ].map { Renaming($0.0, $0.1) }
    + (1...4).map {
      Renaming(
        "mask_decoder.transformer.layers.*.layer_norm\($0)",
        "mask_decoder.transformer.layers.*.norm\($0)")
    }

  /// Perceptrons call their first and last layers by other names; how many lie between depends on the depth.
  private static func perceptron(_ theirs: String, _ ours: String, depth: Int) -> [Renaming] {
    [
      Renaming("\(theirs).proj_in", "\(ours).layers.0"),
      Renaming("\(theirs).proj_out", "\(ours).layers.\(depth - 1)"),
    ]
      + (0..<max(0, depth - 2)).map {
        Renaming("\(theirs).layers.\($0)", "\(ours).layers.\($0 + 1)")
      }
  }

  /// Whether a file has the names of Hugging Face.
  package static func isHuggingFace(_ weights: StateDict) -> Bool {
    weights.entries.contains { $0.name.hasPrefix("vision_encoder.") }
  }

  /// How to read a file; nothing for one with the original's names.
  package static func renaming(of weights: StateDict) -> [Renaming] {
    if !isHuggingFace(weights) { return [] }
    let head = "mask_decoder.iou_prediction_head"
    let between = weights.entries.count {
      $0.name.hasPrefix("\(head).layers.") && $0.name.hasSuffix(".weight")
    }
    let filters = "mask_decoder.output_hypernetworks_mlps.*"
    return huggingFace + perceptron(filters, filters, depth: 3)
      + perceptron(head, head, depth: between + 2)
  }

  /// What some files have besides: the position frequencies a second time, and the classifier that TinyViT was first
  /// trained with.
  package static let unused = [
    "prompt_encoder.shared_embedding.positional_embedding", "image_encoder.norm_head.",
    "image_encoder.head.", "pixel_mean", "pixel_std",
  ]
}
