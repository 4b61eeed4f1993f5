internal import CDCMTK
internal import PonsKit

/// The attributes of a data set. Ordinary values are read where they stand (``PlainValues``); for all others DCMTK parses the
/// data set, once. Used by one thread at a time.
final class DataSet {
  private let bytes: [UInt8]
  private let structure: DataSetStructure
  /// Levels and elements of a data set that leaves nothing to interpret.
  fileprivate let plain: PlainValues?
  private var parsed: OpaquePointer?

  /// The data set whose structure was found in the bytes of a file.
  ///
  /// - Throws: `StageFailure`: BAD_STRUCTURE.
  init(_ bytes: [UInt8], _ structure: DataSetStructure) throws {
    self.bytes = bytes
    self.structure = structure
    plain = structure.table.map { PlainValues(bytes: bytes, table: $0) }
    if plain == nil { _ = try handle() }
  }

  deinit { pons_dataset_free(parsed) }

  /// What DCMTK makes of the data set.
  private func handle() throws -> OpaquePointer {
    if let parsed { return parsed }
    let code =
      switch structure.encoding {
      case .implicitLittle: PONS_IMPLICIT_LITTLE
      case .explicitLittle: PONS_EXPLICIT_LITTLE
      case .explicitBig: PONS_EXPLICIT_BIG
      }
    var message = [CChar](repeating: 0, count: 256)
    let handle = bytes.withUnsafeBytes { bytes in
      let header = UnsafeRawBufferPointer(rebasing: bytes[structure.start..<structure.end])
      return pons_dataset_parse(
        header.baseAddress, UInt64(header.count), code, &message, UInt64(message.count))
    }
    guard let handle else {
      throw StageFailure(
        .badInput, code: "BAD_STRUCTURE",
        "the header cannot be parsed: \(String(cBuffer: message))",
        hint: "the file is damaged, or its transfer syntax is not what it says")
    }
    parsed = handle
    return handle
  }

  /// DCMTK's item for a level of ``plain``.
  fileprivate func handle(ofLevel level: Int) -> OpaquePointer? {
    guard let plain, let parent = plain.table.levels[level].parent else {
      return try? pons_dataset_root(handle())
    }
    let (group, element) = Item.parts(parent.tag)
    return handle(ofLevel: parent.level).flatMap {
      pons_item_child($0, group, element, UInt64(plain.table.levels[level].index))
    }
  }

  /// The attributes of the outermost level.
  var root: Item { Item(dataSet: self, level: 0, handle: plain == nil ? handle(ofLevel: 0) : nil) }
}

/// A tag, like `0x0020_0032`.
typealias Tag = UInt32

/// One level of a data set: the outermost one, or an item of a sequence.
struct Item {
  private let dataSet: DataSet
  /// In ``DataSet/plain``.
  private let level: Int
  /// DCMTK's item, when there are no plain values.
  private let known: OpaquePointer?

  fileprivate init(dataSet: DataSet, level: Int, handle: OpaquePointer?) {
    self.dataSet = dataSet
    self.level = level
    known = handle
  }

  private var handle: OpaquePointer? { known ?? dataSet.handle(ofLevel: level) }

  fileprivate static func parts(_ tag: Tag) -> (group: UInt16, element: UInt16) {
    (UInt16(truncatingIfNeeded: tag >> 16), UInt16(truncatingIfNeeded: tag))
  }

  /// A text, or a number in decimal, in UTF-8, without the spaces around it; nil when there is none or it is empty.
  func text(_ tag: Tag) -> String? {
    switch dataSet.plain?.text(tag, level: level) {
    case .absent: return nil
    case .value(let text): return text
    case .unusual, nil: break
    }
    guard let handle else { return nil }
    let (group, element) = Self.parts(tag)
    var buffer = [CChar](repeating: 0, count: 128)
    var length = pons_item_text(handle, group, element, &buffer, UInt64(buffer.count))
    if length > buffer.count, length <= 1 << 20 {
      buffer = [CChar](repeating: 0, count: Int(length))
      length = pons_item_text(handle, group, element, &buffer, UInt64(buffer.count))
    }
    guard length > 0, length <= buffer.count else { return nil }
    return buffer.withUnsafeBytes {
      PlainValues.unpadded(UnsafeRawBufferPointer(rebasing: $0[0..<Int(length)])).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
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
    switch dataSet.plain?.numbers(tag, level: level) {
    case .absent: return .absent
    case .value(let numbers): return numbers
    case .unusual, nil: break
    }
    guard let handle else { return .refused }
    let (group, element) = Self.parts(tag)
    return Self.collect { pons_item_numbers(handle, group, element, $0, $1) }
  }

  /// - Parameter fill: copies numbers, as many as there is room for, and answers how many there are, or why there are none.
  static func collect(_ fill: (UnsafeMutablePointer<Double>?, UInt64) -> Int64) -> Numbers {
    let (few, count) = withUnsafeTemporaryAllocation(of: Double.self, capacity: 16) { buffer in
      let count = fill(buffer.baseAddress, UInt64(buffer.count))
      return ((1...16).contains(count) ? Array(buffer[0..<Int(count)]) : [], count)
    }
    switch count {
    case Int64(PONS_ABSENT): return .absent
    case 0: return .empty
    case 1...16: return .values(few)
    case 17...(1 << 20):
      var buffer = [Double](repeating: 0, count: Int(count))
      return fill(&buffer, UInt64(buffer.count)) == count ? .values(buffer) : .refused
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

  /// How many items a sequence has; 0 when there is none.
  func count(_ tag: Tag) -> Int {
    if let plain = dataSet.plain { return plain.count(tag, level: level) }
    guard let handle else { return 0 }
    let (group, element) = Self.parts(tag)
    return max(0, Int(pons_item_count(handle, group, element)))
  }

  /// One item of a sequence.
  func item(_ tag: Tag, _ index: Int = 0) -> Item? {
    if index < 0 { return nil }
    if let plain = dataSet.plain {
      return plain.level(tag, level: level, index).map {
        Item(dataSet: dataSet, level: $0, handle: nil)
      }
    }
    let (group, element) = Self.parts(tag)
    guard let handle, let child = pons_item_child(handle, group, element, UInt64(index)) else {
      return nil
    }
    return Item(dataSet: dataSet, level: 0, handle: child)
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
