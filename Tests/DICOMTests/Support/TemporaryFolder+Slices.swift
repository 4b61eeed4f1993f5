import TestFolders

extension TemporaryFolder {
  /// Writes files as im001.dcm, im002.dcm, ...
  func write(_ files: [[UInt8]]) throws {
    for (index, bytes) in files.enumerated() {
      let digits = String(index + 1)
      try write(bytes, "im\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits).dcm")
    }
  }

  /// Writes slices, in order.
  func write(_ slices: [MadeSlice]) throws { try write(slices.map(\.data.file)) }
}
