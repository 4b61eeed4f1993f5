internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Says how far two images of labels agree, a label at a time: neither is the truth.
///
/// The Dice coefficient of each label that occurs in either image, and of all together (label 0). A case whose images cannot be
/// compared has one row that says why, so that it does not keep the others from being compared.
struct EvaluateAgreement: Stage {
  static let a = Input<VolumeKind>("a", .all, "labels, whole numbers from 0 to 255; 0 is none")
  static let b = Input<VolumeKind>("b", .all, "the same of somebody else, on the same grid")
  static let table = Output<TableKind>(
    "table", .one, "a row for all labels of a case together, and one for each")

  static let descriptor = StageDescriptor(
    id: "evaluate.agreement", version: "1", summary: "says how far two images of labels agree",
    ports: [a, b, table], parameters: NoParameters.schema)

  init(_ parameters: NoParameters, _ context: Context) {}

  private struct Row {
    var caseKey: String
    var label: Int64 = 0
    var overlap = Overlap(prediction: 0, reference: 0, intersection: 0)
    var problem = ""
  }

  func process(_ context: Context) throws {
    let (left, right) = (try context.inputs(Self.a), try context.inputs(Self.b))
    var rows: [Row] = []
    for index in 0..<min(left.count, right.count) {
      try context.progress(Double(index) / Double(left.count))
      let (first, second) = (try left.packet(at: index), try right.packet(at: index))
      do {
        let overlap = try Self.overlap(
          GridPacket(first, port: "a"), GridPacket(second, port: "b"), context)
        rows.append(Row(caseKey: first.caseKey, overlap: overlap.foreground))
        rows += overlap.labels.map {
          Row(caseKey: first.caseKey, label: Int64($0), overlap: overlap.overlap(of: $0))
        }
      } catch let failure as StageFailure where failure.category == .badInput {
        rows.append(Row(caseKey: first.caseKey, problem: failure.message))
      }
    }
    func counts(_ name: String, _ value: (Overlap) -> Int) -> Table.Column {
      Table.Column(name, .integers(rows.map { Int64(value($0.overlap)) }), unit: "voxels")
    }
    try context.send(
      Self.table,
      table: Table([
        Table.Column("case", .strings(rows.map(\.caseKey))),
        Table.Column("label", .integers(rows.map(\.label))),
        counts("a") { $0.prediction }, counts("b") { $0.reference },
        counts("both") { $0.intersection },
        Table.Column(
          "dice", .numbers(rows.map { $0.problem.isEmpty ? $0.overlap.dice : .nan })),
        Table.Column("problem", .strings(rows.map(\.problem))),
      ]))
  }

  private static func overlap(
    _ a: GridPacket<VolumeKind>, _ b: GridPacket<VolumeKind>, _ context: Context
  ) throws -> LabelOverlap {
    for packet in [a, b] where packet.channels != nil {
      throw StageFailure(
        .badInput, code: "BAD_SHAPE",
        "labels have no channels, found voxels of shape "
          + "\(packet.voxels.shape)", port: packet.port)
    }
    try b.require(a.grid, port: "b", "the two images")
    var result = LabelOverlap()
    if a.voxels.type == .uint8, b.voxels.type == .uint8 {
      try a.voxels.withElements(of: UInt8.self) { first in
        try b.voxels.withElements(of: UInt8.self) { second in result.add(first, second) }
      }
      return result
    }
    let count = a.size.sliceCount
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
    defer { values.deallocate() }
    func labels(_ packet: GridPacket<VolumeKind>, _ z: Int) throws -> [UInt8] {
      try packet.copySlice(z, to: values)
      return try values.map { value in
        guard let label = UInt8(exactly: value) else {
          throw StageFailure(
            .badInput, code: "NO_LABELS",
            "labels are whole numbers from 0 to 255, found \(value)", port: packet.port)
        }
        return label
      }
    }
    for z in 0..<a.size.z {
      try context.checkCancelled()
      let (first, second) = (try labels(a, z), try labels(b, z))
      first.withUnsafeBufferPointer { first in
        second.withUnsafeBufferPointer { result.add(first, $0) }
      }
    }
    return result
  }
}
