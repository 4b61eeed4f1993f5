/// Writes DICOM files for tests: Explicit VR Little Endian, elements in the order of their tags.
struct DICOMBytes {
  /// A value, and how it is written.
  enum Value {
    /// A text with a representation of two letters.
    case text(String, String)
    case short(Int)
    case double([Double])
    case bytes(String, [UInt8])
    case items([DICOMBytes])
  }

  var elements: [UInt32: Value] = [:]

  subscript(_ tag: UInt32) -> Value? {
    get { elements[tag] }
    set { elements[tag] = newValue }
  }

  static func little(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// One element.
  static func element(_ tag: UInt32, _ vr: String, _ value: [UInt8], length: Int? = nil) -> [UInt8]
  {
    let head = little(Int(tag >> 16), 2) + little(Int(tag & 0xffff), 2) + Array(vr.utf8)
    let isLong = ["OB", "OD", "OF", "OW", "SQ", "UC", "UN", "UR", "UT", "ZZ"].contains(vr)
    let count = length ?? value.count
    return head + (isLong ? [0, 0] + little(count, 4) : little(count, 2)) + value
  }

  /// The elements without file meta information.
  var dataSet: [UInt8] {
    elements.sorted { $0.key < $1.key }.flatMap { tag, value -> [UInt8] in
      switch value {
      case .text(let vr, let text):
        let bytes = Array(text.utf8)
        let padding: [UInt8] = bytes.count % 2 == 1 ? [vr == "UI" ? 0 : 0x20] : []
        return Self.element(tag, vr, bytes + padding)
      case .short(let number): return Self.element(tag, "US", Self.little(number, 2))
      case .double(let numbers):
        return Self.element(
          tag, "FD", numbers.flatMap { Self.little(Int(truncatingIfNeeded: $0.bitPattern), 8) })
      case .bytes(let vr, let bytes): return Self.element(tag, vr, bytes)
      case .items(let items):
        let body = items.flatMap { item in
          Self.little(0xfffe, 2) + Self.little(0xe000, 2)
            + Self.little(item.dataSet.count, 4) + item.dataSet
        }
        return Self.element(tag, "SQ", body)
      }
    }
  }

  static let explicitLittle = "1.2.840.10008.1.2.1"

  /// Preamble and file meta information.
  static func head(_ syntax: String = explicitLittle) -> [UInt8] {
    let uid = Array(syntax.utf8) + (syntax.utf8.count % 2 == 1 ? [0] : [])
    let meta = element(0x0002_0010, "UI", uid)
    let length = element(0x0002_0000, "UL", little(meta.count, 4))
    return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + length + meta
  }

  var file: [UInt8] { Self.head() + dataSet }
}

/// A slice of a made-up MR series: 4 x 3 pixels, 2 mm apart along z unless changed.
struct MadeSlice {
  var data = DICOMBytes()
  static let columns = 4
  static let rows = 3

  /// - Parameters:
  ///   - index: its place in the stack.
  ///   - series: names the series.
  ///   - volume: tells several images of the same place apart in their UIDs and pixels.
  init(_ index: Int, series: String = "1.2.3", volume: Int = 0) {
    let pixels = (0..<Self.rows * Self.columns).flatMap {
      DICOMBytes.little(1000 * volume + 100 * index + $0, 2)
    }
    data.elements = [
      0x0008_0008: .text("CS", "ORIGINAL\\PRIMARY"),
      0x0008_0016: .text("UI", "1.2.840.10008.5.1.4.1.1.4"),
      0x0008_0018: .text("UI", "\(series).\(volume + 1).\(index + 1)"),
      0x0008_0060: .text("CS", "MR"), 0x0010_0010: .text("PN", "Nobody^Known"),
      0x0020_000d: .text("UI", "1.2"), 0x0020_000e: .text("UI", series),
      0x0020_0013: .text("IS", "\(index + 1)"), 0x0028_0002: .short(1),
      0x0028_0004: .text("CS", "MONOCHROME2"), 0x0028_0010: .short(Self.rows),
      0x0028_0011: .short(Self.columns), 0x0028_0030: .text("DS", "1.5\\0.5"),
      0x0028_0100: .short(16), 0x0028_0101: .short(16), 0x0028_0102: .short(15),
      0x0028_0103: .short(0), 0x0020_0037: .text("DS", "1\\0\\0\\0\\1\\0"),
      0x0020_0032: .text("DS", "10\\20\\\(2 * index)"), 0x7fe0_0010: .bytes("OW", pixels),
    ]
  }

  mutating func set(_ tag: UInt32, _ vr: String, _ text: String) { data[tag] = .text(vr, text) }

  mutating func move(_ x: Double, _ y: Double, _ z: Double) {
    set(0x0020_0032, "DS", "\(x)\\\(y)\\\(z)")
  }

  /// The voxels of a stack of such slices.
  static func voxels(_ indices: some Sequence<Int>, volume: Int = 0) -> [Double] {
    indices.flatMap { index in
      (0..<rows * columns).map { Double(1000 * volume + 100 * index + $0) }
    }
  }
}
