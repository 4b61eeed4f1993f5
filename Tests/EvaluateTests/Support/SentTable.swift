import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import Testing

/// A table that a stage sent.
struct SentTable {
  private let packet: Packet

  init(_ call: LocalCall, _ port: String) throws {
    packet = try #require(call.record.sent.first { $0.port == port }?.packet)
  }

  var metadata: JSON { get throws { try packet.facts } }

  func numbers(_ column: String) throws -> [Double] {
    _ = try #require(packet.tensor(column), "no column \(column)")
    if packet.tensor(column)?.type == .int64 {
      return packet.values(of: column, Int64.self).map(Double.init)
    }
    return packet.values(of: column)
  }

  func strings(_ column: String) throws -> [String] {
    let bytes: [UInt8] = packet.values(of: column)
    return try JSON(parsing: bytes).array?.compactMap(\.string) ?? []
  }

  /// Numbers of some columns, a row an element.
  func rows(_ columns: [String]) throws -> [[Double]] {
    let values = try columns.map { try numbers($0) }
    return (values.first ?? []).indices.map { row in values.map { $0[row] } }
  }
}

extension Packet {
  /// A table as stages send it.
  static func table(_ columns: [Table.Column]) throws -> Packet {
    var tensors: [(TensorRequest, [UInt8])] = []
    var described: [JSON] = []
    for column in columns {
      let type: String
      switch column.values {
      case .numbers(let values):
        type = "number"
        tensors.append(
          (TensorRequest(column.name, .float64, [values.count]), values.withUnsafeBytes(Array.init))
        )
      case .integers(let values):
        type = "integer"
        tensors.append(
          (TensorRequest(column.name, .int64, [values.count]), values.withUnsafeBytes(Array.init)))
      case .strings(let values):
        type = "string"
        let bytes = Array(JSON.array(values.map(JSON.string)).canonical.utf8)
        tensors.append((TensorRequest(column.name, .uint8, [bytes.count]), bytes))
      }
      described.append(["name": .string(column.name), "type": .string(type)])
    }
    return try of("table", case: "", tensors, metadata: ["columns": .array(described)])
  }
}

/// Whether numbers are equal to a tolerance; NaN equals NaN.
func agree(_ left: [Double], _ right: [Double], within tolerance: Double) -> Bool {
  left.count == right.count
    && zip(left, right).allSatisfy { $0.isNaN && $1.isNaN || abs($0 - $1) <= tolerance }
}
