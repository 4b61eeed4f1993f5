package import PonsTorch

/// The part of SAM that looks at the image, once, whatever is asked of it afterwards.
package protocol ImageEncoder: Layer {
  /// Images are squares of this many pixels.
  var imageSize: Int { get }
  /// Embeddings are squares of this many positions.
  var embeddingSize: Int { get }

  /// Makes what follows from the weights alone; called once they are loaded.
  func freeze() throws(TorchError)

  /// Channels stay last all the way, because nearly everything is a product of matrices over them.
  ///
  /// - Parameter image: `[n, size, size, 3]`, normalised, or `[n, size, size, 1]`, the value of all three channels.
  /// - Returns: `[n, h, w, channels]`.
  func callAsFunction(_ image: Tensor) throws(TorchError) -> Tensor
}
