internal import PonsEngine
internal import PonsHost
internal import PonsKit
internal import StageHarness
internal import Testing

/// A network that is trained in seconds, on volumes with a bright block in them.
enum TinyTraining {
  static let shape = [8, 16, 16]

  /// What preprocess.normalize would note about case `place`.
  private static func metadata(_ place: Int) -> JSON {
    [
      "modality": "MR", "synthetic": true,
      "normalization": [
        "method": "zscore", "mask_ml": .number(1300 + Double(place) * 10),
        "channels": [["mean": .number(300), "std": .number(100 - Double(place))]],
      ],
      "grid": [
        "source": [
          "shape": [8, 16, 16],
          "affine": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
        ]
      ],
    ]
  }

  /// A bright block in noise-like texture; where it is depends on `place`.
  static func sample(
    _ place: Int, affine: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    metadata changes: [String: JSON] = [:]
  ) throws -> (volume: Packet, mask: Packet) {
    var voxels = [Float](repeating: 0, count: 8 * 16 * 16)
    var mask = [UInt8](repeating: 0, count: voxels.count)
    for z in 0..<8 {
      for y in 0..<16 {
        for x in 0..<16 {
          let index = (z * 16 + y) * 16 + x
          voxels[index] = Float((z * 7 + y * 13 + x * 29 + place * 31) % 17) / 34 - 0.25
          if (2..<6).contains(z), (place..<place + 6).contains(y), (4..<10).contains(x) {
            voxels[index] += 2
            mask[index] = 1
          }
        }
      }
    }
    let key = "case-\(place)"
    let metadata = (metadata(place).object ?? [:]).merging(changes) { $1 }
      .filter { $0.value != .null }
    return (
      try .volume(
        case: key, voxels.withUnsafeBytes { Array($0) }, .float32, shape, affine: affine,
        metadata: .object(metadata)),
      try .mask(case: key, mask, shape, affine: affine)
    )
  }

  static let settings: [String: JSON] = [
    "steps": 80, "patch": [8, 16, 16], "channels": [4, 8], "dropout": 0.1, "loss": "both",
    "optimizer": "adamw", "learning_rate": 0.02, "min_dice": 0,
  ]

  /// A model of four cases.
  static func train(
    _ plugin: PluginUnderTest, _ changes: [String: JSON] = [:], seed: UInt64 = 1,
    checkpoints: String? = nil, endsAtQuestion: Int? = nil
  ) throws -> Packet {
    let samples = try (0..<4).map { try sample($0 * 2) }
    let stage = try plugin.stage(
      "unet3d.train", settings.merging(changes) { _, change in change })
    let call = try stage.process(
      all: ["volume": samples.map(\.volume), "mask": samples.map(\.mask)], seed: seed,
      checkpoints: checkpoints, endsAtQuestion: endsAtQuestion)
    return try #require(call.record.sent.first { $0.port == "model" }?.packet)
  }
}
