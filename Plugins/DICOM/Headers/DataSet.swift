internal import CDCMTK
internal import PonsKit

/// The attributes of a data set, parsed by DCMTK; owns them. Used by one thread at a time.
final class DataSet {
  private let handle: OpaquePointer

  /// Parses the bytes of a data set.
  ///
  /// - Throws: `StageFailure`: BAD_STRUCTURE.
  init(_ bytes: UnsafeRawBufferPointer, _ encoding: ElementEncoding) throws {
    let code =
      switch encoding {
      case .implicitLittle: PONS_IMPLICIT_LITTLE
      case .explicitLittle: PONS_EXPLICIT_LITTLE
      case .explicitBig: PONS_EXPLICIT_BIG
      }
    var message = [CChar](repeating: 0, count: 256)
    guard
      let handle = pons_dataset_parse(
        bytes.baseAddress, UInt64(bytes.count), code, &message, UInt64(message.count))
    else {
      throw StageFailure(
        .badInput, code: "BAD_STRUCTURE",
        "the header cannot be parsed: \(String(cBuffer: message))",
        hint: "the file is damaged, or its transfer syntax is not what it says")
    }
    self.handle = handle
  }

  deinit { pons_dataset_free(handle) }

  /// Loads the dictionary of attributes, which takes a while, so that another thread may do it early.
  static func prepare() { pons_dataset_prepare() }

  /// The attributes of the outermost level.
  var root: Item { Item(dataSet: self, handle: pons_dataset_root(handle)) }
}

/// A tag, like `0x0020_0032`.
typealias Tag = UInt32

/// One level of a data set: the outermost one, or an item of a sequence.
struct Item {
  private let dataSet: DataSet
  private let handle: OpaquePointer?

  init(dataSet: DataSet, handle: OpaquePointer?) {
    self.dataSet = dataSet
    self.handle = handle
  }

  private static func parts(_ tag: Tag) -> (group: UInt16, element: UInt16) {
    (UInt16(truncatingIfNeeded: tag >> 16), UInt16(truncatingIfNeeded: tag))
  }

  /// A text, or a number in decimal, in UTF-8, without the spaces around it; nil when there is none or it is empty.
  func text(_ tag: Tag) -> String? {
    let (group, element) = Self.parts(tag)
    var buffer = [CChar](repeating: 0, count: 128)
    var length = pons_item_text(handle, group, element, &buffer, UInt64(buffer.count))
    if length > buffer.count, length <= 1 << 20 {
      buffer = [CChar](repeating: 0, count: Int(length))
      length = pons_item_text(handle, group, element, &buffer, UInt64(buffer.count))
    }
    guard length > 0, length <= buffer.count else { return nil }
    let bytes = buffer[0..<Int(length)].map { UInt8(bitPattern: $0) }
    func isPadding(_ byte: UInt8) -> Bool { byte == 0 || byte == 0x20 }
    guard let first = bytes.firstIndex(where: { !isPadding($0) }),
      let last = bytes.lastIndex(where: { !isPadding($0) })
    else { return nil }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }

  /// The values of a text with several.
  func texts(_ tag: Tag) -> [String] {
    (text(tag) ?? "").split(separator: "\\", omittingEmptySubsequences: false)
      .map { $0.trimmed }.filter { !$0.isEmpty }
  }

  /// What is there of numbers.
  enum Numbers: Equatable {
    case absent, empty, refused
    case values([Double])
  }

  /// Numbers of any kind, also written as text.
  func numbers(_ tag: Tag) -> Numbers {
    let (group, element) = Self.parts(tag)
    var buffer = [Double](repeating: 0, count: 16)
    var count = pons_item_numbers(handle, group, element, &buffer, UInt64(buffer.count))
    if count > buffer.count, count <= 1 << 20 {
      buffer = [Double](repeating: 0, count: Int(count))
      count = pons_item_numbers(handle, group, element, &buffer, UInt64(buffer.count))
    }
    switch count {
    case Int64(PONS_ABSENT): return .absent
    case 0: return .empty
    case 1...Int64(buffer.count): return .values(Array(buffer[0..<Int(count)]))
    default: return .refused
    }
  }

  /// The first of several numbers; nil when there is none.
  func number(_ tag: Tag) -> Double? {
    if case .values(let values) = numbers(tag) { return values.first }
    return nil
  }

  /// A whole number; nil also beyond what a double holds exactly, so that numbers may be added and subtracted.
  func integer(_ tag: Tag) -> Int? {
    number(tag).flatMap { abs($0) <= 0x1p53 ? Int(exactly: $0) : nil }
  }

  /// The bytes of a binary value.
  func bytes(_ tag: Tag) -> [UInt8]? {
    let (group, element) = Self.parts(tag)
    var start: UnsafePointer<UInt8>?
    let count = pons_item_bytes(handle, group, element, &start)
    guard count > 0, let start else { return nil }
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  /// How many items a sequence has; 0 when there is none.
  func count(_ tag: Tag) -> Int {
    let (group, element) = Self.parts(tag)
    return max(0, Int(pons_item_count(handle, group, element)))
  }

  /// One item of a sequence.
  func item(_ tag: Tag, _ index: Int = 0) -> Item? {
    let (group, element) = Self.parts(tag)
    guard index >= 0, let child = pons_item_child(handle, group, element, UInt64(index)) else {
      return nil
    }
    return Item(dataSet: dataSet, handle: child)
  }
}

extension String {
  /// A text that C wrote into a buffer, zero-terminated.
  init(cBuffer: [CChar]) {
    self.init(
      decoding: cBuffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension StringProtocol {
  /// Without spaces and zeros at both ends.
  var trimmed: String {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\0" { rest = rest.dropFirst() }
    while let last = rest.last, last == " " || last == "\0" { rest = rest.dropLast() }
    return String(rest)
  }
}
