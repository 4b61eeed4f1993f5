import Glibc

/// Numbers that a script beside the fixtures had another library compute: a name and its values on each line.
package struct ReferenceTable: Sendable {
  /// What the file lacks.
  package struct Missing: Error { let what: String }

  private let lines: [String: [Substring]]

  /// Reads a file of the folder `Fixtures` of the tests that ask.
  ///
  /// - Parameter test: a source file of these tests.
  package init(_ name: String, of test: String = #filePath) throws {
    var folder = test.split(separator: "/").dropLast()
    while !folder.isEmpty, access(Self.path(folder) + "/Fixtures/" + name, R_OK) != 0 {
      folder.removeLast()
    }
    guard let file = fopen(Self.path(folder) + "/Fixtures/" + name, "r") else {
      throw Missing(what: name)
    }
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

  private static func path(_ parts: ArraySlice<Substring>) -> String {
    parts.map { "/" + $0 }.joined()
  }

  /// The words of a line.
  package func words(_ name: String) throws -> [String] {
    guard let words = lines[name] else { throw Missing(what: name) }
    return words.map(String.init)
  }

  /// The first word of a line.
  package func text(_ name: String) throws -> String {
    guard let text = try words(name).first else { throw Missing(what: name) }
    return text
  }

  /// The numbers of a line.
  package func numbers(_ name: String) throws -> [Double] {
    try words(name).map {
      guard let number = Double($0) else { throw Missing(what: name) }
      return number
    }
  }
}

/// The largest difference of two lists of numbers.
package func largestDifference(_ left: [Double], _ right: [Double]) -> Double {
  if left.count != right.count { return .infinity }
  return zip(left, right).map { abs($0 - $1) }.max() ?? 0
}
