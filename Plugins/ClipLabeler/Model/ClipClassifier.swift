internal import PonsKit
package import PonsTorch
package import PonsWeights

/// A CLIP model with its tokenizer and preprocessing: says which of some texts a picture looks like, without training.
package final class ClipClassifier: @unchecked Sendable {
  // @unchecked: nothing changes after `init`, and libtorch may be read by many threads.
  package let model: ClipModel
  package let tokenizer: ClipTokenizer
  package let preprocessing: ClipPreprocessing
  /// The words of a model that only learned whole ones: others are refused instead of being spelled. nil: any will do.
  ///
  /// The tokens do not tell: parts of words, of which longer ones are joined, are tokens like the words.
  package let closedVocabulary: Set<String>?

  /// Loads a folder as Hugging Face lays it out: `config.json`, weights (also in shards), `vocab.json` and `merges.txt`,
  /// and `preprocessor_config.json` if it is there. `tokenizer_config.json` may list words as `closed_vocabulary`.
  ///
  /// - Throws: `StageFailure` of category `badParameter` for files that do not fit, `WeightError` for damaged ones.
  package init(folder: ModelFolder) throws {
    guard let config = folder.config else {
      throw ClipConfiguration.broken("its folder has no config.json")
    }
    let configuration = try ClipConfiguration(json: config)
    preprocessing = try ClipPreprocessing(
      json: Self.json("preprocessor_config.json", folder), size: configuration.imageSize)
    let tokens = try Self.json("tokenizer_config.json", folder)
    closedVocabulary = try tokens["closed_vocabulary"].map { json in
      guard let words = json.array, words.allSatisfy({ $0.string != nil }) else {
        throw ClipConfiguration.broken(
          "closed_vocabulary in its tokenizer_config.json is no list of words")
      }
      return Set(words.compactMap(\.string))
    }
    tokenizer = try ClipTokenizer(folder: folder)
    if tokenizer.count > configuration.vocabulary {
      throw ClipConfiguration.broken(
        "its tokenizer has \(tokenizer.count) tokens and the network \(configuration.vocabulary)")
    }
    model = ClipModel(configuration)
    do {
      try model.load(
        StateDict(folder.weights()),
        // Buffers that old versions of transformers saved: 0, 1, 2, ...
        ignoring: ["text_model.embeddings.position_ids", "vision_model.embeddings.position_ids"])
    } catch let error as StateDictError {
      throw ClipConfiguration.broken(error.description)
    }
  }

  private static func json(_ name: String, _ folder: ModelFolder) throws -> JSON {
    guard let file = folder.file(name) else { return [:] }
    do {
      return try JSON(parsing: WeightMemory.mapping(file).withBytes { Array($0.prefix(8 << 20)) })
    } catch let error as JSONError {
      throw ClipConfiguration.broken("\(name) is no JSON: \(error)")
    }
  }

  /// The points that stand for classes, `[k, d]`: for each the mean of its texts' normalised embeddings, normalised.
  ///
  /// - Throws: `StageFailure` of category `badParameter` for words that a model with a closed vocabulary did not learn.
  /// - Source: "prompt ensembling", Radford et al., 2021, section 3.1.4.
  package func classes(_ texts: [[String]]) throws -> Tensor {
    try withoutGradients {
      try ClipModel.normalized(
        Tensor.stack(try texts.map { try ClipModel.normalized(embed($0)).mean([0]) }))
    }
  }

  /// Texts `[n]` to `[n, d]`.
  private func embed(_ texts: [String]) throws -> Tensor {
    if let closedVocabulary {
      for text in texts {
        let unknown = tokenizer.words(in: text).filter { !closedVocabulary.contains($0) }
        if unknown.isEmpty { continue }
        throw StageFailure(
          .badParameter, code: "UNKNOWN_WORDS",
          "the model did not learn \(unknown.map { "'\($0)'" }.joined(separator: ", ")) in the text "
            + "'\(text)'",
          hint: "use words that its card lists, or a model with a full vocabulary",
          parameter: "texts")
      }
    }
    let limit = model.configuration.positions
    return try model.embed(texts: texts.map { tokenizer.encode($0, limit: limit) })
  }

  /// Whether the model sees the whole of a text.
  package func fits(_ text: String) -> Bool {
    let limit = model.configuration.positions
    return tokenizer.encode(text, limit: limit + 1).count <= limit
  }

  /// softmax(exp(logit scale) * cosine) of pictures `[n, h, w]` (whole numbers from 0 to 255, float32) and classes
  /// `[k, d]`: `[n, k]` in C order.
  package func probabilities(of pictures: Tensor, classes: Tensor) throws -> [Float] {
    try withoutGradients {
      let embeddings = try model.embed(images: preprocessing(pictures))
      return try model.logits(images: embeddings, texts: classes).softmax(1).array()
    }
  }
}
