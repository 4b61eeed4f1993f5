internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Compares classes of slices with true masks: a slice is positive when the mask has something in it.
struct EvaluateSliceLabels: Stage {
  static let labels = Input<SliceLabelsKind>("labels", .all, "classes that are judged")
  static let truth = Input<MaskKind>(
    "truth", .all, "what is true; every value but 0", groundTruth: true)
  static let table = Output<TableKind>("table", .one, "one row a case, sorted by case key")
  static let total = Output<TableKind>(
    "total", .one, "one row: the slices of all cases together", optional: true)

  struct Parameters: StageParameters {
    var positive: String?
    var minimum_voxels: Int

    static let schema = [
      ParameterDescriptor(
        "positive", .string, "the class of slices with something; the last one when it is not set"),
      ParameterDescriptor(
        "minimum_voxels", .integer, "a slice of the mask with fewer is negative", defaultValue: 1,
        minimum: 1, unit: "voxels"),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "evaluate.slice-labels", version: "1",
    summary: "compares classes of slices with true masks", ports: [labels, truth, table, total],
    parameters: Parameters.schema)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    let (labels, truths) = (try context.inputs(Self.labels), try context.inputs(Self.truth))
    var keys: [String] = []
    var counts: [SliceCounts] = []
    for index in 0..<min(labels.count, truths.count) {
      try context.progress(Double(index) / Double(labels.count))
      let packet = try labels.packet(at: index)
      keys.append(packet.caseKey)
      do {
        counts.append(try count(packet, truths.packet(at: index)))
      } catch var failure as StageFailure {
        failure.message = "case \(packet.caseKey): \(failure.message)"
        throw failure
      }
    }
    try context.send(
      Self.table, table: Table([Table.Column("case", .strings(keys))] + counts.columns))
    if context.wanted(Self.total) {
      let total = counts.reduce(SliceCounts(), +)
      let cases = Table.Column("cases", .integers([Int64(keys.count)]))
      try context.send(Self.total, table: Table([cases] + [total].columns))
    }
  }

  private func count(_ packet: InputPacket<SliceLabelsKind>, _ truth: InputPacket<MaskKind>) throws
    -> SliceCounts
  {
    let mask = try GridPacket(truth, port: "truth")
    let classes = try SliceClasses(packet, slices: mask.size.z, port: "labels")
    let positive = try classes.number(of: parameters.positive, parameter: "positive")
    let sliceCount = mask.size.sliceCount
    return try mask.withMask { voxels in
      var counts = SliceCounts()
      for (z, label) in classes.labels.enumerated() {
        let voxels = voxels[z * sliceCount..<(z + 1) * sliceCount].count { $0 != 0 }
        counts.add(
          isPositive: voxels >= parameters.minimum_voxels, label: label.map { $0 == positive })
      }
      return counts
    }
  }
}
