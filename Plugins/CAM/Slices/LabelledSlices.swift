internal import PonsGrids
internal import PonsImaging
internal import PonsKit
internal import PonsTorch

/// All slices that have a label, and extra ones. Only their places are kept: slices are read when they are needed.
struct LabelledSlices {
  private struct Entry {
    /// Index of the packet among the volumes, or among the extra slices.
    var packet: Int
    var isExtra: Bool
    /// Number of the slice in the volume, or among the extra slices.
    var slice: Int
    var label: Int
  }

  private let volumes: AllInputs<VolumeKind>
  private let extra: AllInputs<SlicesKind>
  private let entries: [Entry]
  /// Names of the classes, as the labels have them.
  let classes: [String]
  /// How many slices each class has.
  let counts: [Int]

  /// - Throws: `StageFailure` when labels do not fit their volume or name other classes than the first.
  init(
    _ volumes: AllInputs<VolumeKind>, _ labels: AllInputs<SliceLabelsKind>,
    _ extra: AllInputs<SlicesKind>
  ) throws {
    self.volumes = volumes
    self.extra = extra
    var entries: [Entry] = []
    var classes: [String] = []
    for index in 0..<volumes.count {
      let volume = try GridPacket(volumes.packet(at: index), port: "volume")
      let packet = try labels.packet(at: index)
      let names = try packet.classes
      if classes.isEmpty { classes = names }
      let values = try packet.label.array(of: Int8.self)
      if names != classes || values.count != volume.size.z {
        throw StageFailure(
          .badInput, code: "LABELS_MISMATCH",
          "case '\(packet.caseKey)' has labels of \(names) for \(values.count) slices; expected "
            + "\(classes) for \(volume.size.z)", port: "labels")
      }
      for (z, label) in values.enumerated() where label >= 0 && Int(label) < classes.count {
        entries.append(Entry(packet: index, isExtra: false, slice: z, label: Int(label)))
      }
    }
    for index in 0..<extra.count {
      let values = try extra.packet(at: index).label.array(of: Int8.self)
      for (slice, label) in values.enumerated() where label >= 0 && Int(label) < classes.count {
        entries.append(Entry(packet: index, isExtra: true, slice: slice, label: Int(label)))
      }
    }
    self.entries = entries
    self.classes = classes
    counts = classes.indices.map { label in entries.count { $0.label == label } }
  }

  var count: Int { entries.count }

  /// Indices of the entries of each class.
  var byClass: [[Int]] {
    classes.indices.map { label in entries.indices.filter { entries[$0].label == label } }
  }

  /// The slices with these indices, ready for the network, and their labels (int64).
  func batch(_ indices: [Int], _ image: SliceImage) throws -> (images: Tensor, labels: Tensor) {
    let images = try indices.map { index in
      let entry = entries[index]
      if entry.isExtra { return try extraSlice(entry, image) }
      let volume = try GridPacket(volumes.packet(at: entry.packet), port: "volume")
      return try image.prepare(SliceImage.read(volume, entry.slice..<entry.slice + 1))
    }
    let labels = indices.map { Int64(entries[$0].label) }
    return (try Tensor.cat(images), try Tensor.of(labels))
  }

  private func extraSlice(_ entry: Entry, _ image: SliceImage) throws -> Tensor {
    let packet = try extra.packet(at: entry.packet)
    let slice = try Tensor.borrowing(packet.images)
      .slice(0, from: entry.slice, to: entry.slice + 1)
    let scaled = try packet.metadata["scaled"]?.string
    if let scaled, (scaled == "minmax") != (image.window == .slice) {
      throw StageFailure(
        .badInput, code: "OTHER_WINDOW",
        "the further slices have the intensities of another window than this classifier's, '\(image.window.rawValue)'",
        hint: "set the same 'window' for the stage that made them (amda.mask)", port: "slices")
    }
    return try image.prepare(slice, isSpread: scaled != nil)
  }
}
