internal import PonsGrids
internal import PonsImaging
internal import PonsKit
internal import PonsTorch

/// The cases a network is trained on. Volumes stay with the host; only patches are copied.
struct TrainingCohort {
  let count: Int
  /// Names of the masks' labels.
  let labels: [String]
  /// What the cases have in common.
  private(set) var envelope: Envelope
  /// Cases that say that they are synthetic.
  let synthetic: Int
  private let volumes: AllInputs<VolumeKind>
  private let masks: AllInputs<MaskKind>
  private let patch: [Int]
  /// Voxels of each mask that are not 0.
  private let foreground: [Int]
  /// Share of the foreground in all voxels.
  let foregroundShare: Double
  /// Smallest intensity of each volume: what lies outside it.
  private let darkest: [Float]

  /// Looks at every case once.
  ///
  /// - Throws: `StageFailure` when a volume is not float32 with one channel, or not all of it is finite.
  init(
    _ volumes: AllInputs<VolumeKind>, _ masks: AllInputs<MaskKind>, patch: [Int]
  ) throws {
    self.volumes = volumes
    self.masks = masks
    self.patch = patch
    count = volumes.count
    var foreground: [Int] = []
    var voxels = 0
    var darkest: [Float] = []
    var labels: [String] = []
    var envelope = Envelope()
    var synthetic = 0
    for index in 0..<volumes.count {
      let (volume, mask) = try Self.pair(volumes, masks, index)
      let values = try volume.voxels.withElements(of: Float.self) { (voxels) -> (Float, Double) in
        (voxels.min() ?? 0, voxels.reduce(0.0) { $0 + Double($1) } / Double(max(1, voxels.count)))
      }
      // One voxel that is not a number would make the whole network one.
      if !values.1.isFinite {
        throw StageFailure(
          .badInput, code: "NOT_FINITE",
          "the volume of case '\(volume.packet.caseKey)' has voxels that are not finite numbers",
          hint: "keep the case out, or put preprocess.normalize before", port: "volume")
      }
      darkest.append(values.0)
      voxels += volume.voxels.shape.reduce(1, *)
      foreground.append(try mask.withMask { $0.count { $0 != 0 } })
      if labels.isEmpty { labels = try mask.packet.labels }
      let facts = try CaseFacts(volume)
      envelope.add(facts)
      if facts.isSynthetic { synthetic += 1 }
    }
    self.foreground = foreground
    foregroundShare = Double(foreground.reduce(0, +)) / Double(max(1, voxels))
    self.darkest = darkest
    self.labels = labels
    self.envelope = envelope
    self.synthetic = synthetic
  }

  /// Widens the envelope to volumes that nothing is learned from.
  mutating func cover(_ others: AllInputs<VolumeKind>) throws {
    for index in 0..<others.count {
      envelope.add(try CaseFacts(GridPacket(others.packet(at: index), port: "envelope")))
    }
  }

  private static func pair(
    _ volumes: AllInputs<VolumeKind>, _ masks: AllInputs<MaskKind>, _ index: Int
  ) throws -> (GridPacket<VolumeKind>, GridPacket<MaskKind>) {
    let volume = try GridPacket(volumes.packet(at: index), port: "volume")
    let mask = try GridPacket(masks.packet(at: index), port: "mask")
    if volume.voxels.shape.count != 3 || volume.voxels.type != .float32 {
      throw StageFailure(
        .badInput, code: "NOT_NORMALISED",
        "the volume of case '\(volume.packet.caseKey)' is \(volume.voxels.type.rawValue) of shape "
          + "\(volume.voxels.shape), expected float32 [z, y, x]",
        hint: "put preprocess.normalize before", port: "volume")
    }
    try mask.require(volume.grid, port: "mask", "mask and volume")
    return (volume, mask)
  }

  /// Random patches: images `[n, 1, z, y, x]`, classes int64 `[n, z, y, x]`.
  func batch(
    _ size: Int, foreground share: Double, _ augmentation: Augmentation,
    _ random: inout SplitMix64
  ) throws -> (images: Tensor, classes: Tensor) {
    var images: [Tensor] = []
    var classes: [Tensor] = []
    for _ in 0..<size {
      let index = Int.random(in: 0..<count, using: &random)
      let isFocused = Double.random(in: 0..<1, using: &random) < share && foreground[index] > 0
      let number = isFocused ? Int.random(in: 0..<foreground[index], using: &random) : nil
      let sample = try sample(index, number, &random)
      let changed = try augmentation.apply(sample.0, sample.1, &random)
      images.append(changed.image)
      classes.append(changed.classes)
    }
    return (try Tensor.stack(images), try Tensor.stack(classes).to(.int64))
  }

  private func sample(
    _ index: Int, _ number: Int?, _ random: inout SplitMix64
  ) throws -> (Tensor, Tensor) {
    let (volume, mask) = try Self.pair(volumes, masks, index)
    let size = volume.voxels.shape
    let image = try Tensor.empty([1] + patch)
    let classes = try Tensor.empty(patch, type: .uint8)
    try mask.withMask { mask in
      let focus = number.flatMap { foregroundVoxel($0, of: mask, size: size) }
      let place = PatchPlace.random(size, patch: patch, around: focus, &random)
      try volume.voxels.withElements(of: Float.self) { voxels in
        try image.withMutableElements(of: Float.self) {
          copyPatch(voxels, size, at: place, patch: patch, fill: darkest[index], to: $0)
        }
      }
      try classes.withMutableElements(of: UInt8.self) { result in
        copyPatch(mask, size, at: place, patch: patch, fill: 0, to: result)
        for index in result.indices where result[index] > 1 { result[index] = 1 }
      }
    }
    return (image, classes)
  }
}
