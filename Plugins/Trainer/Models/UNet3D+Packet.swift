internal import PonsKit
internal import PonsTorch

extension UNet3D.Configuration {
  /// As the metadata of a model packet has it.
  var json: JSON {
    [
      "inputs": .integer(Int64(inputs)), "classes": .integer(Int64(classes)),
      "channels": .array(channels.map { .integer(Int64($0)) }), "dropout": .number(dropout),
      "stem_stride": .integer(Int64(stemStride)),
    ]
  }

  /// Reads what ``json`` writes.
  ///
  /// - Throws: `StageFailure` of category `badInput` when it is something else.
  init(_ json: JSON?) throws {
    guard let json, let inputs = json["inputs"]?.integer, let classes = json["classes"]?.integer,
      let channels = json["channels"]?.array?.compactMap(\.integer),
      let dropout = json["dropout"]?.number, let stride = json["stem_stride"]?.integer,
      inputs == 1, classes == 2, (1...8).contains(channels.count),
      channels.allSatisfy({ (1...4096).contains($0) }), (1...4).contains(stride)
    else {
      throw StageFailure(
        .badInput, code: "BAD_MODEL", "the settings of the model's network make no sense",
        port: "model")
    }
    self.init(
      inputs: 1, classes: 2, channels: channels.map(Int.init), dropout: dropout,
      stemStride: Int(stride))
  }
}
