internal import CPons

extension String {
  /// Copies UTF-8 text that came from the other side; bytes that are no UTF-8 become U+FFFD.
  init(_ text: pons_string) {
    guard let data = text.data, text.length > 0 else {
      self = ""
      return
    }
    let bytes = UnsafeRawBufferPointer(start: data, count: Int(clamping: text.length))
    self = String(decoding: bytes, as: UTF8.self)
  }

  /// Lends the text to a C function for the time of a call.
  func withPonsString<Result>(_ body: (pons_string) throws -> Result) rethrows -> Result {
    var copy = self
    return try copy.withUTF8 { bytes in
      let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
      return try body(pons_string(data: start, length: UInt64(bytes.count)))
    }
  }
}

extension pons_string {
  /// Whether it is the same text, byte by byte.
  func equals(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard bytes.count == Int(clamping: length), let data else {
        return bytes.isEmpty && length == 0
      }
      return UnsafeRawBufferPointer(start: data, count: bytes.count).elementsEqual(bytes)
    }
  }
}
