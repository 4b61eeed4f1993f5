internal import PonsKit
internal import PonsTorch

extension ResNet.Configuration {
  /// As the metadata of a model packet has it.
  var json: JSON {
    [
      "blocks": .array(blocks.map { .integer(Int64($0)) }), "bottleneck": .bool(isBottleneck),
      "inputs": .integer(Int64(inputs)), "width": .integer(Int64(width)),
      "stem_pools": .bool(stemPools), "pooling": .string(pooling.rawValue),
      "hidden": .array(hidden.map { .integer(Int64($0)) }), "dropout": .number(dropout),
      "classes": .integer(Int64(classes)),
    ]
  }

  /// Reads what ``json`` writes.
  ///
  /// - Throws: `StageFailure` of category `badInput` when it is something else.
  init(_ json: JSON?) throws {
    guard let json, let blocks = json["blocks"]?.array?.compactMap(\.integer),
      let isBottleneck = json["bottleneck"]?.bool, let inputs = json["inputs"]?.integer,
      let width = json["width"]?.integer, let stemPools = json["stem_pools"]?.bool,
      let pooling = json["pooling"]?.string.flatMap(Pooling.init(rawValue:)),
      let hidden = json["hidden"]?.array?.compactMap(\.integer),
      let dropout = json["dropout"]?.number, let classes = json["classes"]?.integer,
      (1...6).contains(blocks.count), blocks.allSatisfy({ (1...100).contains($0) }),
      (1...16).contains(inputs), (1...512).contains(width), (2...1000).contains(classes),
      hidden.count < 4, hidden.allSatisfy({ (1...65_536).contains($0) }),
      (0..<1).contains(dropout)
    else {
      throw StageFailure(
        .badInput, code: "BAD_MODEL", "the settings of the model's network make no sense",
        port: "model")
    }
    self.init(
      blocks: blocks.map(Int.init), isBottleneck: isBottleneck, inputs: Int(inputs),
      width: Int(width), stemPools: stemPools, pooling: pooling, hidden: hidden.map(Int.init),
      dropout: dropout, classes: Int(classes))
  }
}
