extension SafetensorsHeader {
  /// The bytes before the data: length, JSON, spaces. Their number is a multiple of 64.
  ///
  /// - Parameter minimumSize: pads to at least so many bytes, so that a header may be written again in place.
  public func serialized(minimumSize: Int = 0) -> [UInt8] {
    var text = "{"
    if !metadata.isEmpty {
      let strings = JSON.object(metadata.mapValues(JSON.string))
      text += "\"__metadata__\":\(strings.canonical)"
    }
    for entry in withPadding() {
      if text.utf8.count > 1 { text += "," }
      let shape = entry.shape.map(String.init).joined(separator: ",")
      text += JSON.string(entry.name).canonical
      text += ":{\"dtype\":\"\(entry.type.safetensorsName)\",\"shape\":[\(shape)],"
      text += "\"data_offsets\":[\(entry.offset),\(entry.offset + entry.byteCount)]}"
    }
    text += "}"
    let size = Self.aligned(max(8 + text.utf8.count, minimumSize))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    withUnsafeBytes(of: UInt64(size - 8).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text.utf8)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: size - bytes.count))
    return bytes
  }

  /// All tensors by rising offset, with uint8 tensors where there are gaps.
  private func withPadding() -> [Entry] {
    var all: [Entry] = []
    var end = 0
    var count = 0
    let taken = Set(entries.lazy.map(\.name).filter { $0.hasPrefix("__pad_") })
    func fill(upTo offset: Int) {
      if offset == end { return }
      while taken.contains("__pad_\(count)") { count += 1 }
      all.append(Entry("__pad_\(count)", .uint8, [offset - end], offset: end))
      count += 1
    }
    for entry in entries {
      fill(upTo: entry.offset)
      all.append(entry)
      end = entry.offset + entry.byteCount
    }
    fill(upTo: dataSize)
    return all
  }
}
