import PonsEngine
import PonsKit
import StageHarness

/// A small cohort as the stages before the report send it.
struct Cohort {
  /// `[z, y, x]`.
  static let shape = [6, 10, 12]
  /// 1 x 2 x 3 mm; x goes right, y to the front.
  static let affine: [Double] = [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1]

  private static func voxels(_ value: (Int, Int, Int) -> Float) -> [Float] {
    (0..<shape[0]).flatMap { z in
      (0..<shape[1]).flatMap { y in (0..<shape[2]).map { x in value(z, y, x) } }
    }
  }

  static func volume(_ key: String) throws -> Packet {
    let values = voxels { z, y, x in
      (2..<10).contains(x) && (1..<9).contains(y) ? Float(50 + 5 * x + 3 * y + z) : 0
    }
    return try .volume(
      case: key, values.withUnsafeBytes { Array($0) }, .float32, shape, affine: affine)
  }

  /// A box of voxels; in slices 2 to 4 by default.
  static func mask(_ key: String, _ slices: Range<Int> = 2..<5, size: Int = 3) throws -> Packet {
    let values = voxels { z, y, x in
      slices.contains(z) && (4..<4 + size).contains(x) && (3..<6).contains(y) ? 1 : 0
    }
    return try .mask(case: key, values.map { UInt8($0) }, shape, affine: affine)
  }

  static func heatmap(_ key: String) throws -> Packet {
    let values = voxels { z, y, x in max(0, 1 - Float(abs(z - 3) + abs(y - 4) + abs(x - 5)) / 6) }
    return try .of(
      "heatmap", case: key,
      [
        (TensorRequest("voxels", .float32, shape), values.withUnsafeBytes { Array($0) }),
        (TensorRequest("affine", .float64, [4, 4]), affine.withUnsafeBytes { Array($0) }),
      ])
  }

  static func labels(_ key: String) throws -> Packet {
    let probability = (0..<shape[0]).flatMap { z -> [Float] in
      let tumour: Float = (2..<5).contains(z) ? 0.9 : 0.2
      return [1 - tumour, tumour]
    }
    let label: [Int8] = [0, -1, 1, 1, 1, 0]
    return try .of(
      "slice-labels", case: key,
      [
        (
          TensorRequest("probability", .float32, [shape[0], 2]),
          probability.withUnsafeBytes { Array($0) }
        ),
        (TensorRequest("label", .int8, [shape[0]]), label.withUnsafeBytes { Array($0) }),
      ], metadata: ["classes": ["normal", "tumour"]])
  }

  static func prompts(_ key: String) throws -> Packet {
    let boxes: [Int32] = [3, 3, 2, 8, 7]
    let points: [Int32] = [3, 5, 4, 1, 3, 3, 2, 0]
    return try .of(
      "prompts", case: key,
      [
        (TensorRequest("boxes", .int32, [1, 5]), boxes.withUnsafeBytes { Array($0) }),
        (TensorRequest("points", .int32, [2, 4]), points.withUnsafeBytes { Array($0) }),
      ],
      metadata: [
        "grid": [
          "shape": .array(shape.map { .integer(Int64($0)) }),
          "affine": .array(affine.map(JSON.number)),
        ]
      ])
  }

  /// A table packet; columns as ``PonsKit/Table`` has them.
  static func table(_ columns: [Table.Column]) throws -> Packet {
    var described: [JSON] = []
    var tensors: [(TensorRequest, [UInt8])] = []
    for column in columns {
      let type: String
      switch column.values {
      case .numbers(let values):
        type = "number"
        tensors.append(
          (
            TensorRequest(column.name, .float64, [values.count]),
            values.withUnsafeBytes { Array($0) }
          ))
      case .integers(let values):
        type = "integer"
        tensors.append(
          (
            TensorRequest(column.name, .int64, [values.count]), values.withUnsafeBytes { Array($0) }
          ))
      case .strings(let values):
        type = "string"
        let bytes = Array(JSON.array(values.map(JSON.string)).canonical.utf8)
        tensors.append((TensorRequest(column.name, .uint8, [bytes.count]), bytes))
      }
      described.append(
        [
          "name": .string(column.name), "type": .string(type),
          "unit": column.unit.map(JSON.string) ?? .null,
        ])
    }
    return try .of(
      "table", case: "", tensors,
      metadata: [
        "columns": .array(described),
        "rows": .integer(Int64(columns.first?.values.count ?? 0)),
      ])
  }

  static func scores(_ rows: [(key: String, similarity: Double, rank: Int, isKept: Bool)]) throws
    -> Packet
  {
    try table([
      Table.Column("case", .strings(rows.map(\.key))),
      Table.Column("similarity", .numbers(rows.map(\.similarity))),
      Table.Column("rank", .integers(rows.map { Int64($0.rank) })),
      Table.Column("kept", .integers(rows.map { $0.isKept ? 1 : 0 })),
    ])
  }

  static func estimates(_ rows: [(method: String, measure: String, unit: String, mean: Double)])
    throws -> Packet
  {
    func numbers(_ name: String, _ shift: Double) -> [Table.Column] {
      [
        Table.Column(name, .numbers(rows.map(\.mean))),
        Table.Column(name + "_low", .numbers(rows.map { $0.mean - shift })),
        Table.Column(name + "_high", .numbers(rows.map { $0.mean + shift })),
      ]
    }
    let columns =
      [
        Table.Column("method", .strings(rows.map(\.method))),
        Table.Column("measure", .strings(rows.map(\.measure))),
        Table.Column("unit", .strings(rows.map(\.unit))),
        Table.Column("cases", .integers(rows.map { _ in 4 })),
      ] + numbers("mean", 0.05) + numbers("median", 0.02)
    return try table(columns + [Table.Column("failures", .integers(rows.map { _ in 1 }))])
  }
}
