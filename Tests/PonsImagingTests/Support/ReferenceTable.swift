import Glibc
import PonsImaging
import Testing

/// Numbers that a script beside the fixtures had another library compute: a name and its values on each line.
struct ReferenceTable: Sendable {
  private let lines: [String: [Substring]]

  /// Reads a file of the folder `Fixtures`.
  init(_ name: String) throws {
    let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
    let file = try #require(fopen(folder + "/Fixtures/" + name, "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&block, 1, block.count, file), count > 0 {
      bytes += block[..<count]
    }
    var lines: [String: [Substring]] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      lines[String(words[0])] = Array(words.dropFirst())
    }
    self.lines = lines
  }

  func text(_ name: String) throws -> String { String(try #require(lines[name]?.first)) }

  func numbers(_ name: String) throws -> [Double] {
    try #require(lines[name], "no \(name)").map { try #require(Double($0)) }
  }

  func affine(_ name: String) throws -> Affine {
    try #require(Affine(rowMajor: try numbers(name)))
  }

  func grid(_ name: String) throws -> Grid {
    let size = try numbers(name + ".size").map(Int.init)
    return Grid(
      size: GridSize(x: size[0], y: size[1], z: size[2]), affine: try affine(name + ".affine"))
  }
}

/// The largest difference of two lists of numbers.
func largestDifference(_ left: [Double], _ right: [Double]) -> Double {
  if left.count != right.count { return .infinity }
  return zip(left, right).map { abs($0 - $1) }.max() ?? 0
}
