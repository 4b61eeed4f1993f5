package import PonsKit

/// What a `config.json` of Hugging Face says about a `CLIPModel`; what it leaves out has the value of
/// OpenAI's ViT-B/32, as there.
package struct ClipConfiguration: Sendable, Hashable {
  /// The transformer of one of the two towers.
  package struct Tower: Sendable, Hashable {
    package var width: Int
    package var inner: Int
    package var layers: Int
    package var heads: Int
    package var eps: Double
    package var activation: Activation
  }

  /// What is between the two linear layers of a block.
  package enum Activation: String, Sendable, Hashable, CaseIterable {
    case quickGelu = "quick_gelu"
    case gelu
    case geluTanh = "gelu_pytorch_tanh"
    case geluNew = "gelu_new"
  }

  package var vision: Tower
  package var text: Tower
  /// Edge of the square image and of a patch, in pixels.
  package var imageSize: Int
  package var patchSize: Int
  package var channels: Int
  /// Number of tokens that there are, and the most that a text has.
  package var vocabulary: Int
  package var positions: Int
  /// The token at whose first place a text is summed up; 2 in files that meant the token with the highest id.
  package var endToken: Int
  /// Size of the space that both towers end in.
  package var projection: Int

  /// Patches along an edge.
  package var grid: Int { imageSize / patchSize }

  /// Reads the object of `config.json`.
  ///
  /// - Throws: `StageFailure` of category `badParameter` that names the value at fault.
  package init(json: JSON) throws {
    if let type = json["model_type"]?.string, type != "clip" {
      throw Self.broken("its config.json describes a model of type '\(type)', expected 'clip'")
    }
    let text = Section(json, "text_config")
    let vision = Section(json, "vision_config")
    self.text = try Tower(text, width: 512, inner: 2048, heads: 8)
    self.vision = try Tower(vision, width: 768, inner: 3072, heads: 12)
    imageSize = try vision.size("image_size", 224)
    patchSize = try vision.size("patch_size", 32, limit: imageSize)
    channels = try vision.size("num_channels", 3, limit: 4)
    vocabulary = try text.size("vocab_size", 49408, limit: 1 << 24)
    positions = try text.size("max_position_embeddings", 77)
    endToken = try text.integer("eos_token_id", 49407)
    projection = try Section(json, nil).size("projection_dim", 512)
    if channels != 3 { throw Self.broken("it takes images of \(channels) channels, expected 3") }
    if positions < 2 { throw Self.broken("its texts have \(positions) token, expected at least 2") }
  }

  static func broken(_ message: String) -> StageFailure {
    StageFailure(
      .badParameter, code: "BAD_MODEL", "the model cannot be used: \(message)",
      hint: "expected a CLIPModel as Hugging Face's transformers saves it", parameter: "model")
  }
}

extension ClipConfiguration.Tower {
  fileprivate init(_ section: Section, width: Int, inner: Int, heads: Int) throws {
    self.width = try section.size("hidden_size", width)
    self.inner = try section.size("intermediate_size", inner)
    layers = try section.size("num_hidden_layers", 12, limit: 1024)
    self.heads = try section.size("num_attention_heads", heads, limit: self.width)
    eps = try section.number("layer_norm_eps", 1e-5)
    let name = section["hidden_act"]?.string ?? "quick_gelu"
    guard let activation = ClipConfiguration.Activation(rawValue: name) else {
      let known = ClipConfiguration.Activation.allCases.map(\.rawValue).joined(separator: ", ")
      throw ClipConfiguration.broken("the activation '\(name)' is unknown; known are \(known)")
    }
    self.activation = activation
    if self.width % self.heads != 0 {
      throw ClipConfiguration.broken(
        "\(section.name).hidden_size \(self.width) is not a multiple of the \(self.heads) heads")
    }
  }
}

/// A part of the file. Old files have a second object (`text_config_dict`) whose values go before.
private struct Section {
  let name: String
  private let values: [String: JSON]

  init(_ json: JSON, _ name: String?) {
    guard let name else {
      self.name = "config"
      values = json.object ?? [:]
      return
    }
    self.name = name
    values = (json[name]?.object ?? [:])
      .merging(json[name + "_dict"]?.object ?? [:]) { _, later in later }
  }

  subscript(key: String) -> JSON? { values[key] == .null ? nil : values[key] }

  func integer(_ key: String, _ standard: Int) throws -> Int {
    guard let value = self[key] else { return standard }
    guard let integer = value.integer else {
      throw ClipConfiguration.broken("\(name).\(key) is \(value.canonical), expected an integer")
    }
    return Int(integer)
  }

  func size(_ key: String, _ standard: Int, limit: Int = 1 << 16) throws -> Int {
    let value = try integer(key, standard)
    guard (1...limit).contains(value) else {
      throw ClipConfiguration.broken("\(name).\(key) is \(value), expected 1 to \(limit)")
    }
    return value
  }

  func number(_ key: String, _ standard: Double) throws -> Double {
    guard let value = self[key] else { return standard }
    guard let number = value.number, number > 0, number < 1 else {
      throw ClipConfiguration.broken("\(name).\(key) is \(value.canonical), expected 0 to 1")
    }
    return number
  }
}
