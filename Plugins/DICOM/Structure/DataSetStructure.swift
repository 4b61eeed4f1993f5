internal import PonsKit

/// Where things are in a file: found before anything is parsed, so that no library sees a structure that is not sound.
struct DataSetStructure: Sendable {
  /// An element with pixels.
  struct Pixels: Sendable {
    enum Kind: Sendable { case integer, float, double }
    var kind: Kind
    /// Written as 16-bit words (OW): in big endian the bytes of a word are swapped, also where a pixel is one byte.
    var isWords: Bool
    /// Offset of the first byte of the value.
    var offset: Int
    /// Bytes of the value, or nil when it is encapsulated: items with fragments.
    var length: Int?
  }

  var encoding: ElementEncoding
  /// Offset of the first element of the data set.
  var start: Int
  /// Offset behind the last element in front of the pixels.
  var end: Int
  var pixels: Pixels?
  /// Of data sets that leave nothing to interpret.
  var table: ElementTable?
}

/// A data set that is damaged, with the part in front of the damage.
struct DamagedStructure: Error {
  var failure: StageFailure
  var sound: DataSetStructure
}

/// Follows the elements of a data set from one to the next and checks that every length fits into what holds it. Values are not
/// looked at. Sequences are entered with a list and not by recursion, so that depth costs no stack, and are refused
/// beyond a depth that no scanner writes: the parser behind this one recurses. So are elements in so much disorder that
/// the parser, which sorts them into a list, would not come to an end.
struct StructureWalk {
  private let source: ByteSource
  private let encoding: ElementEncoding
  private var position: Int
  /// What is open around the position, outermost first.
  private var open: [Container] = []

  private struct Container {
    enum Kind { case sequence, item, fragments }
    var kind: Kind
    /// Where it ends; nil until its delimiter comes.
    var end: Int?
    /// Elements of an UN sequence are implicit, whatever the data set is (PS3.5 section 6.2.2).
    var encoding: ElementEncoding
    /// Of an item its level in the table, of a sequence its number.
    var place: Int
    var order = Order()
  }

  /// How many elements a level has so far, and the greatest tag among them.
  private struct Order {
    var count = 0
    var last: UInt32 = 0
  }
  private var rootOrder = Order()
  /// Elements that the parser passes over to sort others in.
  private var detours = 0
  /// Nil as soon as something is not as ordinary as it must be.
  private var table: ElementTable?

  private static let deepest = 64
  private static let mostDetours = 10_000_000
  private static let undefined = 0xffff_ffff
  private static let longForms: Set<UInt16> = Set(
    ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"].map(code))
  private static let shortForms: Set<UInt16> = Set(
    [
      "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL",
      "SS",
      "ST", "TM", "UI", "UL", "US",
    ].map(code))
  private static let sequence = code("SQ")
  private static let unknown = code("UN")
  private static let words = code("OW")

  private static func code(_ name: String) -> UInt16 {
    name.utf8.reduce(0) { $0 << 8 | UInt16($1) }
  }

  static func isVR(_ code: UInt16) -> Bool { longForms.contains(code) || shortForms.contains(code) }

  /// Two capitals that are none of today's: representations that DICOM will add have the long form (PS3.5 section 7.1.2).
  private static func isLaterVR(_ code: UInt16) -> Bool {
    (0x41...0x5a).contains(code >> 8) && (0x41...0x5a).contains(code & 0xff)
  }

  private init(_ source: ByteSource, at position: Int, _ encoding: ElementEncoding) {
    self.source = source
    self.position = position
    self.encoding = encoding
    table = encoding == .explicitLittle ? ElementTable() : nil
  }

  /// Walks over a data set up to its pixels.
  ///
  /// - Throws: ``DamagedStructure``: TRUNCATED, BAD_STRUCTURE; `StageFailure`: UNREADABLE.
  static func walk(_ source: ByteSource, at start: Int, _ encoding: ElementEncoding) throws
    -> DataSetStructure
  {
    var walk = StructureWalk(source, at: start, encoding)
    var structure = DataSetStructure(encoding: encoding, start: start, end: start)
    do {
      while try walk.step(&structure) { if walk.open.isEmpty { structure.end = walk.position } }
      walk.table?.finish()
      structure.table = walk.table
      return structure
    } catch let failure as StageFailure where failure.category == .badInput {
      throw DamagedStructure(failure: failure, sound: structure)
    }
  }

  private struct Element {
    var tag: UInt32
    var vr: UInt16?
    var length: Int
    var value: Int
  }

  /// Goes over one element; false at the pixels or at the end.
  private mutating func step(_ structure: inout DataSetStructure) throws -> Bool {
    while let last = open.last, let end = last.end, position == end { open.removeLast() }
    if open.isEmpty, position == source.count {
      structure.end = position
      return false
    }
    let element = try element()
    if let last = open.last, last.kind != .item {
      try enterItem(element, of: last)
      return true
    }
    if element.tag == 0xfffe_e00d, let last = open.last, last.end == nil {
      open.removeLast()
      position = element.value
      return true
    }
    if element.tag >> 16 == 0xfffe { throw broken("a delimiter stands where an element should be") }
    if open.isEmpty, let kind = Self.pixelKind(element.tag) {
      structure.end = position
      structure.pixels = DataSetStructure.Pixels(
        kind: kind, isWords: element.vr == Self.words, offset: element.value,
        length: element.length == Self.undefined ? nil : element.length)
      return false
    }
    try pass(element)
    return true
  }

  private static func pixelKind(_ tag: UInt32) -> DataSetStructure.Pixels.Kind? {
    switch tag {
    case 0x7fe0_0010: .integer
    case 0x7fe0_0008: .float
    case 0x7fe0_0009: .double
    default: nil
    }
  }

  private mutating func enterItem(_ element: Element, of sequence: Container) throws {
    if element.tag == 0xfffe_e0dd, sequence.end == nil {
      open.removeLast()
      position = element.value
      return
    }
    guard element.tag == 0xfffe_e000 else {
      throw broken("a sequence holds something that is no item")
    }
    let end = element.length == Self.undefined ? nil : element.value + element.length
    try checkEnd(end, "an item")
    if sequence.kind == .fragments {
      guard let end else { throw broken("a fragment of compressed pixels has no length") }
      position = end
      return
    }
    let level = table?.addItem(of: sequence.place) ?? 0
    open.append(Container(kind: .item, end: end, encoding: sequence.encoding, place: level))
    position = element.value
  }

  private mutating func count(_ tag: UInt32) throws {
    var order = open.last?.order ?? rootOrder
    if tag < order.last { detours += order.count }
    if detours > Self.mostDetours { throw broken("the elements are in no order") }
    if tag <= order.last { table = nil }
    order.count += 1
    order.last = max(order.last, tag)
    if open.isEmpty { rootOrder = order } else { open[open.count - 1].order = order }
  }

  private mutating func pass(_ element: Element) throws {
    try count(element.tag)
    let place = note(element)
    let isUndefined = element.length == Self.undefined
    // An icon may be compressed, also where the image is not.
    let isFragments = isUndefined && element.tag == 0x7fe0_0010 && element.vr != nil
    // Without a VR a sequence of known length looks like any value; the parser knows from its dictionary, so what
    // begins like an item is entered.
    let isSequence =
      try element.vr == Self.sequence || isUndefined
      || element.vr == nil && element.length >= 8 && beginsWithItem(element)
    if isUndefined, !isFragments, let vr = element.vr, vr != Self.sequence, vr != Self.unknown {
      throw broken("\(Self.shown(element.tag)) has no length, and is no sequence")
    }
    let end = isUndefined ? nil : element.value + element.length
    try checkEnd(end, Self.shown(element.tag))
    guard isSequence else {
      position = end ?? element.value
      return
    }
    if open.count >= 2 * Self.deepest {
      throw broken("sequences are nested more than \(Self.deepest) deep")
    }
    let inside = element.vr == Self.unknown ? ElementEncoding.implicitLittle : current
    open.append(
      Container(
        kind: isFragments ? .fragments : .sequence, end: end, encoding: inside, place: place))
    position = element.value
  }

  /// Puts an element into the table; answers its number there.
  private mutating func note(_ element: Element) -> Int {
    let isOrdinary =
      element.vr == Self.sequence
      || element.length & 1 == 0 && element.vr.map(Self.isVR) == true
    guard isOrdinary, let vr = element.vr, (8..<0x7fe0).contains(element.tag >> 16) else {
      table = nil
      return 0
    }
    return table?.add(
      element.tag, vr, start: element.value, length: vr == Self.sequence ? 0 : element.length,
      level: open.last?.place ?? 0) ?? 0
  }

  private var current: ElementEncoding { open.last?.encoding ?? encoding }

  private func checkEnd(_ end: Int?, _ what: @autoclosure () -> String) throws {
    guard let end else { return }
    if let limit = open.last(where: { $0.end != nil })?.end {
      if end > limit { throw broken("\(what()) is longer than what holds it") }
    } else if end > source.count {
      throw StageFailure(
        .badInput, code: "TRUNCATED",
        "the file ends at byte \(source.count), in the middle of \(what()), which ends at \(end)",
        hint: "copy the file again from where it came from")
    }
  }

  private func beginsWithItem(_ element: Element) throws -> Bool {
    guard try source.need(element.value + 4) else { return false }
    return number(element.value, 2) == 0xfffe && number(element.value + 2, 2) == 0xe000
  }

  private func number(_ offset: Int, _ size: Int) -> Int {
    var value = 0
    for index in 0..<size {
      let byte = Int(source.front[offset + (current.isBig ? size - 1 - index : index)])
      value |= byte << (8 * index)
    }
    return value
  }

  private func element() throws -> Element {
    let limit = open.last(where: { $0.end != nil })?.end ?? source.count
    guard position + 8 <= limit, try source.need(position + 8) else { throw cut() }
    let tag = UInt32(number(position, 2)) << 16 | UInt32(number(position + 2, 2))
    if !current.isExplicit || tag >> 16 == 0xfffe {
      return Element(tag: tag, vr: nil, length: number(position + 4, 4), value: position + 8)
    }
    let vr = UInt16(source.front[position + 4]) << 8 | UInt16(source.front[position + 5])
    if Self.shortForms.contains(vr) {
      return Element(tag: tag, vr: vr, length: number(position + 6, 2), value: position + 8)
    }
    guard Self.longForms.contains(vr) || Self.isLaterVR(vr) else {
      throw broken("\(Self.shown(tag)) has no value representation that DICOM knows")
    }
    guard position + 12 <= limit, try source.need(position + 12) else { throw cut() }
    return Element(tag: tag, vr: vr, length: number(position + 8, 4), value: position + 12)
  }

  private func cut() -> StageFailure {
    if open.contains(where: { $0.end != nil }) { return broken("an element is cut off") }
    return StageFailure(
      .badInput, code: "TRUNCATED",
      "the file ends at byte \(source.count), in the middle of its header",
      hint: "copy the file again from where it came from")
  }

  private func broken(_ what: String) -> StageFailure {
    StageFailure(
      .badInput, code: "BAD_STRUCTURE", "\(what) (byte \(position))",
      hint: "the file is damaged, or its transfer syntax is not what it says")
  }

  static func shown(_ tag: UInt32) -> String {
    func hex(_ value: UInt32) -> String {
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 4 - digits.count) + digits
    }
    return "(\(hex(tag >> 16)),\(hex(tag & 0xffff)))"
  }
}
