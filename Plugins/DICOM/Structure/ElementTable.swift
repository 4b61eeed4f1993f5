/// Where the elements in front of the pixels are, by level and tag, as the walk over them found them. Values that are written
/// in the ordinary way are taken from there; parsing all elements to get at a few costs ten times as much.
///
/// There is a table only of data sets that leave nothing to interpret: explicit VR, little endian, representations that
/// the standard knows, on every level each tag once and in order (DICOM PS3.5 sections 7.1 to 7.5).
struct ElementTable: Sendable {
  struct Element: Sendable {
    var tag: UInt32
    /// Two characters, the first one in the high byte.
    var vr: UInt16
    /// Offset of the value.
    var start: Int
    /// Bytes of the value; of sequences nothing.
    var length: Int
    /// Of sequences: its items are ``levels`` at these places of ``items``.
    fileprivate(set) var items = 0..<0
    fileprivate let level: Int

    /// Bytes of the value.
    var range: Range<Int> { start..<start + length }
  }

  /// The outermost level, which is the first, or an item of a sequence.
  struct Level: Sendable {
    /// The sequence that holds it, and its level; nil for the outermost.
    fileprivate(set) var parent: (level: Int, tag: UInt32)?
    /// Number among the items of the sequence.
    fileprivate(set) var index = 0
    fileprivate(set) var elements = 0..<0
    fileprivate let sequence: Int
  }

  /// Level after level.
  private var elements: [Element] = []
  private(set) var levels = [Level(sequence: -1)]
  /// Levels of the items, sequence after sequence.
  private var items: [Int] = []

  /// The element with a tag.
  func element(_ tag: UInt32, level: Int) -> Element? {
    var range = levels[level].elements
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if elements[middle].tag == tag { return elements[middle] }
      range =
        elements[middle].tag < tag ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }

  /// The level of an item.
  func level(of sequence: Element, _ index: Int) -> Int? {
    sequence.items.count > index ? items[sequence.items.lowerBound + index] : nil
  }

  // MARK: Making

  /// Adds an element behind all others; answers its number.
  mutating func add(_ tag: UInt32, _ vr: UInt16, start: Int, length: Int, level: Int) -> Int {
    elements.append(Element(tag: tag, vr: vr, start: start, length: length, level: level))
    return elements.count - 1
  }

  /// Adds an item of a sequence; answers its level.
  mutating func addItem(of sequence: Int) -> Int {
    levels.append(Level(sequence: sequence))
    return levels.count - 1
  }

  /// Sorts what was added in the order of the file by levels and sequences. Nothing can be found before.
  mutating func finish() {
    if levels.count == 1 {
      levels[0].elements = elements.indices
      return
    }
    var counts = [Int](repeating: 0, count: elements.count)
    for level in levels.dropFirst() { counts[level.sequence] += 1 }
    var end = 0
    for sequence in elements.indices {
      elements[sequence].items = end..<end
      end += counts[sequence]
    }
    items = Array(repeating: 0, count: end)
    for level in levels.indices.dropFirst() {
      let sequence = levels[level].sequence
      let place = elements[sequence].items.upperBound
      levels[level].index = elements[sequence].items.count
      levels[level].parent = (elements[sequence].level, elements[sequence].tag)
      items[place] = level
      elements[sequence].items = elements[sequence].items.lowerBound..<place + 1
    }
    var ofLevel = [Int](repeating: 0, count: levels.count)
    for element in elements { ofLevel[element.level] += 1 }
    end = 0
    for level in levels.indices {
      levels[level].elements = end..<end
      end += ofLevel[level]
    }
    var sorted = elements
    for element in elements {
      let place = levels[element.level].elements.upperBound
      sorted[place] = element
      levels[element.level].elements = levels[element.level].elements.lowerBound..<place + 1
    }
    elements = sorted
  }
}
