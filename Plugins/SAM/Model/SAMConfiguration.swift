/// Sizes of a SAM: its image encoder, and what prompts and masks need.
package struct SAMConfiguration: Sendable, Hashable {
  /// What looks at the image.
  package enum Encoder: Sendable, Hashable {
    /// SAM, MedSAM.
    case vit(ViTConfiguration)
    /// LiteMedSAM, MobileSAM.
    case tinyViT(TinyViTConfiguration)
  }

  /// What looks at the image.
  package var encoder: Encoder
  /// Channels of embeddings and tokens.
  package var width = 256
  /// Channels inside the downscaling of masks.
  package var maskChannels = 16
  /// Blocks of the decoder.
  package var decoderDepth = 2
  /// Heads of the decoder's attention.
  package var decoderHeads = 8
  /// Features inside the decoder's perceptrons.
  package var decoderHidden = 2048
  /// Of the normalisations inside the decoder's blocks; files of Hugging Face were made with 1e-6.
  package var decoderEps = 1e-5
  /// Masks of an ambiguous prompt.
  package var masks = 3
  /// Layers of the head that predicts the IoU.
  package var qualityDepth = 3
  /// Features inside that head.
  package var qualityHidden = 256

  package init(_ encoder: Encoder) { self.encoder = encoder }

  /// Images are squares of this many pixels.
  package var imageSize: Int {
    switch encoder {
    case .vit(let vit): vit.imageSize
    case .tinyViT(let tiny): tiny.imageSize
    }
  }

  /// Embeddings are squares of this many positions.
  package var embeddingSize: Int {
    switch encoder {
    case .vit(let vit): vit.imageSize / vit.patchSize
    case .tinyViT(let tiny): tiny.sizes.last ?? 0
    }
  }
}
