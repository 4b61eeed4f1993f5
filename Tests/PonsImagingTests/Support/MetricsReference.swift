import Glibc
import PonsImaging
import Testing

/// What other libraries make of small masks: `Fixtures/metrics.txt`, written by `make_metrics.py` beside it.
struct MetricsReference: Sendable {
  private let lines: [Substring: [Substring]]

  init() throws {
    let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
    let file = try #require(fopen(folder + "/Fixtures/metrics.txt", "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    var lines: [Substring: [Substring]] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      lines[words[0]] = Array(words.dropFirst())
    }
    self.lines = lines
  }

  func numbers(_ name: String) throws -> [Double] {
    try #require(lines[name[...]], "no \(name)").map { try #require(Double($0)) }
  }

  func size(_ name: String) throws -> GridSize {
    let size = try numbers(name + ".size").map { Int($0) }
    return GridSize(x: size[0], y: size[1], z: size[2])
  }

  func spacing(_ name: String) throws -> SIMD3<Double> {
    let spacing = try numbers(name + ".spacing")
    return SIMD3(spacing[0], spacing[1], spacing[2])
  }

  func mask(_ name: String, count: Int) throws -> [UInt8] {
    let digits = try #require(lines[name[...]]?.first, "no \(name)")
    let bits = try digits.flatMap { digit in
      let value = try #require(digit.hexDigitValue)
      return [3, 2, 1, 0].map { UInt8(value >> $0 & 1) }
    }
    return Array(bits.prefix(count))
  }
}
