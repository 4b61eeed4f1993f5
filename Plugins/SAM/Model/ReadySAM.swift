internal import PonsKit
package import PonsTorch
package import PonsWeights

/// A SAM with its weights, and what it wants to see.
package final class ReadySAM: @unchecked Sendable {
  // @unchecked: frozen when it is made; calls change nothing.
  package let model: SAMModel
  package let preparation: ImagePreparation
  /// For metadata.
  package let name: String

  /// Takes the weights of a file.
  ///
  /// - Parameters:
  ///   - name: what the model is called.
  ///   - preparation: nil takes that of LiteMedSAM, MobileSAM or SAM, by the architecture.
  /// - Throws: `StageFailure` BAD_WEIGHTS with the first tensor that differs.
  package init(
    _ file: WeightFile, name: String, preparation: ImagePreparation? = nil
  ) throws {
    do {
      let weights = try StateDict(file)
      let configuration = try SAMConfiguration(weights: weights)
      model = SAMModel(configuration)
      try model.load(weights: weights)
      let size = configuration.imageSize
      if case .tinyViT(let tiny) = configuration.encoder, !tiny.reducesImage {
        self.preparation = preparation ?? .liteMedSAM(size: size)
      } else {
        self.preparation = preparation ?? .sam(size: size)
      }
      self.name = name
      if self.preparation.size != size {
        throw SAMWeightsError(
          "\(weights.source) is for images of \(size) pixels, expected \(self.preparation.size)")
      }
    } catch let failure as StageFailure {
      throw failure
    } catch {
      throw StageFailure(
        .badParameter, code: "BAD_WEIGHTS", "\(error)",
        hint: "fetch the file again, or name the weights of a SAM", parameter: "weights")
    }
  }

  /// The mask of a slice.
  ///
  /// - Parameter slice: `[y, x]` float32.
  /// - Returns: the union of all objects' masks, `[y, x]` bool, and the predicted IoU of each; nil when the slice is constant.
  package func segment(
    _ slice: Tensor, _ prompts: SlicePrompts
  ) throws -> (mask: Tensor, quality: [Float])? {
    guard let prepared = try PreparedSlice(slice, for: preparation) else { return nil }
    let embedding = try model.embed(prepared.image)
    var mask: Tensor?
    var quality: [Float] = []
    for group in prompts.prompts(for: prepared) {
      let answer = try model.masks(embedding, group)
      let found = try withoutGradients {
        try prepared.restored(answer.logits).max([0, 1]).compare(.greater, 0)
      }
      mask = try mask?.or(found) ?? found
      quality += try answer.quality.array(of: Float.self)
    }
    return mask.map { ($0, quality) }
  }
}
