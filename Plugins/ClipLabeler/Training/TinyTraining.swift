internal import ClipLabeler
internal import PonsKit
internal import PonsTorch

/// Trains pons-clip-tiny: pictures and texts that belong together end near each other.
struct TinyTraining {
  static let config: JSON = [
    "architectures": ["CLIPModel"], "model_type": "clip", "projection_dim": 64,
    "text_config": [
      "model_type": "clip_text_model", "hidden_size": 96, "num_attention_heads": 4,
      "intermediate_size": 384, "num_hidden_layers": 3, "max_position_embeddings": 32,
      "hidden_act": "gelu",
    ],
    "vision_config": [
      "model_type": "clip_vision_model", "hidden_size": 128, "num_attention_heads": 4,
      "intermediate_size": 512, "num_hidden_layers": 4, "image_size": 64, "patch_size": 8,
      "hidden_act": "gelu",
    ],
  ]
  static let batch = 48
  static let rate = 1e-3

  let model: ClipModel
  let tokenizer: ClipTokenizer
  let vocabulary: WordVocabulary
  let configuration: JSON
  private let pictures: Pictures
  private var numbers: SeededNumbers

  init(template: Template, seed: UInt64) throws {
    vocabulary = WordVocabulary(
      Subject.words, start: ClipTokenizer.startText, end: ClipTokenizer.endText)
    let ids = Dictionary(
      uniqueKeysWithValues: vocabulary.tokens.enumerated().map { ($1, $0) })
    tokenizer = try ClipTokenizer(vocabulary: ids, merges: vocabulary.merges)
    var config = Self.config.object ?? [:]
    var text = config["text_config"]?.object ?? [:]
    text["vocab_size"] = .integer(Int64(tokenizer.count))
    text["bos_token_id"] = .integer(Int64(tokenizer.start))
    text["eos_token_id"] = .integer(Int64(tokenizer.end))
    config["text_config"] = .object(text)
    configuration = .object(config)
    model = ClipModel(try ClipConfiguration(json: configuration))
    try model.initialize(Generator(seed: seed))
    for (name, parameter) in model.parameters where name.contains("embedding.weight") {
      // Tables begin as large as what is added to them.
      if !name.contains("patch") { try parameter.value.multiply_(0.05) }
    }
    pictures = Pictures(edge: 64, template: template)
    numbers = SeededNumbers(seed: seed)
  }

  /// - Parameter report: step, loss and seconds so far, every 50 steps.
  mutating func run(steps: Int, report: (Int, Double, Duration) -> Void) throws {
    try model.setTraining(true)
    let optimizer = AdamW(
      model.trained.map(\.parameter), learningRate: Self.rate, weightDecay: 0.05)
    let schedule = Schedule.cosine(total: steps, least: 0.01)
    let clock = ContinuousClock()
    let start = clock.now
    var sum = 0.0
    for step in 0..<steps {
      // The first steps are small, because Adam's means know nothing yet.
      let warming = min(1, Double(step + 1) / 60)
      optimizer.learningRate = Self.rate * warming * schedule.factor(at: step)
      let loss = try self.loss()
      try optimizer.zeroGradients()
      try loss.backward()
      try optimizer.clipGradients(norm: 1)
      try optimizer.step()
      sum += try loss.item()
      if (step + 1) % 50 == 0 {
        report(step + 1, sum / 50, clock.now - start)
        sum = 0
      }
    }
    try model.setTraining(false)
  }

  /// Brains are most of the pictures; each is to be nearest to what is said of its subject.
  private mutating func loss() throws -> Tensor {
    let subjects = (0..<Self.batch).map { _ -> Subject in
      if numbers.chance(0.2) { return Subject.allCases.randomElement(using: &numbers) ?? .nothing }
      return numbers.chance(0.5) ? .normalBrain : .tumorBrain
    }
    let images = try model.embed(images: ClipPreprocessing(size: 64)(batch(subjects)))
    let targets = try Tensor.of(subjects.map { Int64($0.rawValue) })
    let captions = (0..<2).map { _ in Subject.allCases.map { $0.caption(&numbers) } }
    let losses = try captions.map { captions in
      let texts = try model.embed(texts: captions.map { tokenizer.encode($0, limit: 32) })
      return try model.logits(images: images, texts: texts).crossEntropy(targets)
    }
    return try Tensor.stack(losses).mean()
  }

  private mutating func batch(_ subjects: [Subject]) throws -> Tensor {
    let edge = pictures.edge
    let pixels = subjects.flatMap { pictures.picture($0, &numbers) }
    return try Tensor.of(pixels, shape: [subjects.count, edge, edge])
  }

  /// Share of new brains, half of them with a tumor, that get the right one of two texts.
  mutating func accuracy(_ texts: [String], count: Int, seed: UInt64) throws -> Double {
    numbers = SeededNumbers(seed: seed)
    let right = try withoutGradients {
      let points = try model.embed(texts: texts.map { tokenizer.encode($0, limit: 32) })
      var right = 0
      for _ in 0..<count / Self.batch {
        let subjects = (0..<Self.batch).map { $0 % 2 == 0 ? Subject.normalBrain : .tumorBrain }
        let images = try model.embed(images: ClipPreprocessing(size: 64)(batch(subjects)))
        let found = try model.logits(images: images, texts: points).argmax(1).array(of: Int64.self)
        right += zip(found, subjects).count { Int($0) == $1.rawValue }
      }
      return right
    }
    return Double(right) / Double(count / Self.batch * Self.batch)
  }
}
