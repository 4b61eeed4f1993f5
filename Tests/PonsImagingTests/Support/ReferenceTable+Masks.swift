import PonsImaging
import ReferenceTables
import Testing

/// What other libraries make of small masks: `Fixtures/metrics.txt`, written by `make_metrics.py` beside it.
extension ReferenceTable {
  static func metrics() throws -> ReferenceTable { try ReferenceTable("metrics.txt") }

  func size(_ name: String) throws -> GridSize {
    let size = try numbers(name + ".size").map { Int($0) }
    return GridSize(x: size[0], y: size[1], z: size[2])
  }

  func spacing(_ name: String) throws -> SIMD3<Double> {
    let spacing = try numbers(name + ".spacing")
    return SIMD3(spacing[0], spacing[1], spacing[2])
  }

  func mask(_ name: String, count: Int) throws -> [UInt8] {
    let bits = try text(name).flatMap { digit in
      let value = try #require(digit.hexDigitValue)
      return [3, 2, 1, 0].map { UInt8(value >> $0 & 1) }
    }
    return Array(bits.prefix(count))
  }
}
