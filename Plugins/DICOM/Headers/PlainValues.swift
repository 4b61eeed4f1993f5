internal import CDCMTK

/// Values that are read where they stand in a file: texts in ASCII, decimal numbers, binary numbers, items of sequences. What
/// is not quite ordinary is left to DCMTK, and what is read here is what DCMTK would read.
struct PlainValues {
  let bytes: [UInt8]
  let table: ElementTable

  /// What was found.
  enum Found<Value> {
    case absent
    case value(Value)
    /// There is something that is not read here.
    case unusual
  }

  private static func code(_ name: StaticString) -> UInt16 {
    UInt16(name.utf8Start[0]) << 8 | UInt16(name.utf8Start[1])
  }

  /// A text without the spaces around it; nil when it is empty.
  func text(_ tag: Tag, level: Int) -> Found<String?> {
    guard let element = table.element(tag, level: level) else { return .absent }
    switch element.vr {
    case Self.code("AE"), Self.code("AS"), Self.code("CS"), Self.code("DA"), Self.code("DS"),
      Self.code("DT"), Self.code("IS"), Self.code("LO"), Self.code("LT"), Self.code("PN"),
      Self.code("SH"), Self.code("ST"), Self.code("TM"), Self.code("UT"):
      return text(element) { (0x20...0x7e).contains($0) }
    // DCMTK takes out spaces that have no place in a UID.
    case Self.code("UI"): return text(element) { (0x21...0x7e).contains($0) }
    default: return .unusual
    }
  }

  private func text(_ element: ElementTable.Element, _ isOrdinary: (UInt8) -> Bool)
    -> Found<String?>
  {
    bytes.withUnsafeBytes { bytes in
      let value = UnsafeRawBufferPointer(rebasing: bytes[element.range])
      guard let text = Self.unpadded(value) else { return .value(nil) }
      return text.allSatisfy(isOrdinary) ? .value(String(decoding: text, as: UTF8.self)) : .unusual
    }
  }

  /// Without spaces and zeros at both ends; nil when nothing else is there.
  static func unpadded(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    func isPadding(_ byte: UInt8) -> Bool { byte == 0 || byte == 0x20 }
    guard let first = bytes.firstIndex(where: { !isPadding($0) }),
      let last = bytes.lastIndex(where: { !isPadding($0) })
    else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[first...last])
  }

  /// Numbers of any kind, also written as text.
  func numbers(_ tag: Tag, level: Int) -> Found<Item.Numbers> {
    guard let element = table.element(tag, level: level) else { return .absent }
    switch element.vr {
    case Self.code("DS"), Self.code("IS"), Self.code("LO"), Self.code("SH"), Self.code("CS"):
      return decimals(element)
    case Self.code("US"): return binary(element, UInt16.self) { Double($0) }
    case Self.code("SS"): return binary(element, Int16.self) { Double($0) }
    case Self.code("UL"): return binary(element, UInt32.self) { Double($0) }
    case Self.code("SL"): return binary(element, Int32.self) { Double($0) }
    case Self.code("FL"):
      return binary(element, UInt32.self) { Double(Float(bitPattern: $0)) }
    case Self.code("FD"): return binary(element, UInt64.self) { Double(bitPattern: $0) }
    default: return .unusual
    }
  }

  private func decimals(_ element: ElementTable.Element) -> Found<Item.Numbers> {
    if element.length == 0 { return .value(.empty) }
    return bytes.withUnsafeBytes { bytes in
      let value = UnsafeRawBufferPointer(rebasing: bytes[element.range])
      guard let text = Self.unpadded(value), text.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        return .unusual
      }
      return .value(
        Item.collect { pons_decimal_numbers(text.baseAddress, UInt64(text.count), $0, $1) })
    }
  }

  private func binary<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ element: ElementTable.Element, _: Stored.Type, _ double: (Stored) -> Double
  ) -> Found<Item.Numbers> {
    let size = MemoryLayout<Stored>.size
    let count = element.length / size
    guard element.length == count * size, count <= 1 << 20 else { return .unusual }
    if count == 0 { return .value(.empty) }
    let values = bytes.withUnsafeBytes { bytes in
      (0..<count).map { index in
        double(
          Stored(
            littleEndian: bytes.loadUnaligned(
              fromByteOffset: element.start + index * size, as: Stored.self)))
      }
    }
    return .value(values.allSatisfy(\.isFinite) ? .values(values) : .refused)
  }

  /// How many items a sequence has; 0 when there is none.
  func count(_ tag: Tag, level: Int) -> Int {
    table.element(tag, level: level)?.items.count ?? 0
  }

  /// The level of an item; nil when there is none.
  func level(_ tag: Tag, level: Int, _ index: Int) -> Int? {
    table.element(tag, level: level).flatMap { table.level(of: $0, index) }
  }
}
