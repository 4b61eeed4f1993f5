internal import PonsKit

/// Reads the pickles that weight files are made of (protocols 2 to 5 of Python's `pickle`, Lib/pickletools.py), and
/// runs nothing: a name is one of ``PickleGlobal`` or the file is refused.
struct PickleReader {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  private var position = 0
  /// Where the opcode that is being read begins.
  private var start = 0
  private var stack: [PickleValue] = []
  /// Heights of the stack at which marks lie.
  private var marks: [Int] = []
  private var memo: [UInt32: PickleValue] = [:]
  private(set) var heap = PickleHeap()

  /// Longer pickles are refused: the largest models have one of a few megabytes.
  static let maximumSize = 128 << 20
  private static let maximumName = 1000

  init(_ bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// Reads the value that the pickle describes.
  mutating func root() throws(WeightError) -> PickleValue {
    if bytes.count > Self.maximumSize {
      throw error("the pickle has \(bytes.count) bytes, at most \(Self.maximumSize) are read")
    }
    while true {
      start = position
      let opcode = try byte()
      if opcode == UInt8(ascii: ".") { return try pop() }
      if try !readConstant(opcode), try !readContainer(opcode), try !readMemo(opcode),
        try !readObject(opcode)
      {
        let code = String(opcode, radix: 16)
        throw error("the pickle has an opcode that weight files do not use: 0x\(code)")
      }
    }
  }

  // MARK: Bytes

  private func error(_ message: String, hint: String = "") -> WeightError {
    WeightError(message, file: file, offset: start, hint: hint)
  }

  private mutating func take(_ count: Int) throws(WeightError) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= bytes.count - position else {
      throw error("the pickle ends too early", hint: "the file is damaged; fetch it again")
    }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
  }

  private mutating func byte() throws(WeightError) -> UInt8 { try take(1)[0] }

  private mutating func unsigned(_ count: Int) throws(WeightError) -> Int {
    let value = try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let value = Int(exactly: value) else { throw error("a length cannot be right") }
    return value
  }

  private mutating func text(_ count: Int) throws(WeightError) -> String {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw error("a string is not UTF-8")
    }
    return text
  }

  private mutating func line() throws(WeightError) -> String {
    let rest = bytes[position...].prefix(Self.maximumName)
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
      throw error("a name does not end")
    }
    let line = try text(end - position)
    position += 1
    return line
  }

  /// Two's complement, little-endian, of any length.
  private mutating func long(_ count: Int) throws(WeightError) -> PickleValue {
    let digits = try take(count)
    if count > 8 { return .opaque }
    let isNegative = digits.last.map { $0 >= 0x80 } ?? false
    let value = digits.reversed().reduce(isNegative ? Int64(-1) : 0) { $0 << 8 | Int64($1) }
    return .integer(Int(value))
  }

  // MARK: Stack

  private mutating func pop() throws(WeightError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw error("the pickle takes a value that is not there")
    }
    return value
  }

  private mutating func popToMark() throws(WeightError) -> ArraySlice<PickleValue> {
    guard let mark = marks.popLast() else { throw error("the pickle misses a mark") }
    defer { stack.removeSubrange(mark...) }
    return stack[mark...]
  }

  private func top() throws(WeightError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw error("the pickle changes a value that is not there")
    }
    return value
  }

  // MARK: Opcodes

  private mutating func readConstant(_ opcode: UInt8) throws(WeightError) -> Bool {
    switch opcode {
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case UInt8(ascii: "K"): stack.append(.integer(try unsigned(1)))
    case UInt8(ascii: "M"): stack.append(.integer(try unsigned(2)))
    case UInt8(ascii: "J"): stack.append(try long(4))
    case 0x8a: stack.append(try long(try unsigned(1)))
    case 0x8b: stack.append(try long(try unsigned(4)))
    case UInt8(ascii: "G"):
      let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      stack.append(.number(Double(bitPattern: bits)))
    case UInt8(ascii: "X"): stack.append(.string(try text(try unsigned(4))))
    case 0x8c: stack.append(.string(try text(try unsigned(1))))
    case 0x8d: stack.append(.string(try text(try unsigned(8))))
    case UInt8(ascii: "B"), UInt8(ascii: "T"): try skipBytes(try unsigned(4))
    case UInt8(ascii: "C"), UInt8(ascii: "U"): try skipBytes(try unsigned(1))
    case 0x8e, 0x96: try skipBytes(try unsigned(8))
    default: return false
    }
    return true
  }

  private mutating func skipBytes(_ count: Int) throws(WeightError) {
    _ = try take(count)
    stack.append(.opaque)
  }

  private mutating func readContainer(_ opcode: UInt8) throws(WeightError) -> Bool {
    switch opcode {
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: ")"): push(tuple: [])
    case 0x85, 0x86, 0x87:
      var elements: [PickleValue] = []
      for _ in 0..<(opcode - 0x84) { elements.append(try pop()) }
      push(tuple: elements.reversed())
    case UInt8(ascii: "t"): push(tuple: Array(try popToMark()))
    case UInt8(ascii: "]"): push(list: [])
    case UInt8(ascii: "l"): push(list: Array(try popToMark()))
    case UInt8(ascii: "a"): try append([try pop()])
    case UInt8(ascii: "e"): try append(try popToMark())
    case UInt8(ascii: "}"): push(dictionary: [])
    case UInt8(ascii: "d"): push(dictionary: try pairs(try popToMark()))
    case UInt8(ascii: "s"):
      let value = try pop()
      let key = try pop()
      try insert([key, value])
    case UInt8(ascii: "u"): try insert(try popToMark())
    default: return false
    }
    return true
  }

  private mutating func push(tuple elements: [PickleValue]) {
    heap.tuples.append(elements)
    stack.append(.tuple(heap.tuples.count - 1))
  }

  private mutating func push(list elements: [PickleValue]) {
    heap.lists.append(elements)
    stack.append(.list(heap.lists.count - 1))
  }

  private mutating func push(dictionary members: [(key: PickleValue, value: PickleValue)]) {
    heap.dictionaries.append(members)
    stack.append(.dictionary(heap.dictionaries.count - 1))
  }

  private mutating func append(_ elements: ArraySlice<PickleValue>) throws(WeightError) {
    guard case .list(let place) = try top() else {
      throw error("the pickle appends to \(try top().kind), which is no list")
    }
    heap.lists[place] += elements
  }

  private mutating func insert(_ elements: ArraySlice<PickleValue>) throws(WeightError) {
    guard case .dictionary(let place) = try top() else {
      throw error("the pickle sets a member of \(try top().kind), which is no dictionary")
    }
    heap.dictionaries[place] += try pairs(elements)
  }

  private func pairs(
    _ elements: ArraySlice<PickleValue>
  ) throws(WeightError) -> [(key: PickleValue, value: PickleValue)] {
    if elements.count % 2 != 0 { throw error("a key of a dictionary has no value") }
    return stride(from: elements.startIndex, to: elements.endIndex, by: 2).map {
      (elements[$0], elements[$0 + 1])
    }
  }

  private mutating func readMemo(_ opcode: UInt8) throws(WeightError) -> Bool {
    switch opcode {
    case UInt8(ascii: "q"): memo[UInt32(try unsigned(1))] = try top()
    case UInt8(ascii: "r"): memo[UInt32(try unsigned(4))] = try top()
    case 0x94: memo[UInt32(memo.count)] = try top()
    case UInt8(ascii: "h"): stack.append(try recalled(try unsigned(1)))
    case UInt8(ascii: "j"): stack.append(try recalled(try unsigned(4)))
    case UInt8(ascii: "2"): stack.append(try top())
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case 0x80:
      let version = try byte()
      if !(2...5).contains(version) { throw error("pickle protocol \(version) is not read") }
    // A frame only says how much a reader should fetch at once.
    case 0x95: _ = try unsigned(8)
    default: return false
    }
    return true
  }

  private func recalled(_ index: Int) throws(WeightError) -> PickleValue {
    guard let value = memo[UInt32(index)] else {
      throw error("the pickle recalls a value that it did not keep")
    }
    return value
  }

  private mutating func readObject(_ opcode: UInt8) throws(WeightError) -> Bool {
    switch opcode {
    case UInt8(ascii: "c"):
      let module = try line()
      try push(global: module, try line())
    case 0x93:
      guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
        throw error("a name is no string")
      }
      try push(global: module, name)
    case UInt8(ascii: "Q"): try pushStorage(try pop())
    case UInt8(ascii: "R"):
      let arguments = try pop()
      try call(try pop(), arguments)
    case UInt8(ascii: "b"):
      // The state of an OrderedDict: versions of modules, which nothing here needs.
      _ = try pop()
      guard case .dictionary = try top() else {
        throw error("the pickle gives a state to \(try top().kind), expected a dictionary")
      }
    case UInt8(ascii: "i"):
      let module = try line()
      throw refused(module, try line())
    default: return false
    }
    return true
  }

  private func refused(_ module: String, _ name: String) -> WeightError {
    error(
      "this weight file asks to run '\("\(module).\(name)".shownInErrors)'",
      hint: "a state dict needs no such thing. When you trust the file, save only its weights "
        + "with PyTorch: torch.save(model.state_dict(), NEW)")
  }

  private mutating func push(global module: String, _ name: String) throws(WeightError) {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw refused(module, name)
    }
    stack.append(.global(global))
  }
}

// MARK: What PyTorch builds

extension PickleReader {
  /// A persistent id: ('storage', type, key, location, number of elements).
  private mutating func pushStorage(_ id: PickleValue) throws(WeightError) {
    guard case .tuple(let place) = id, heap.tuples[place].count == 5,
      case .string("storage") = heap.tuples[place][0],
      case .global(.storage(let type)) = heap.tuples[place][1],
      case .string(let key) = heap.tuples[place][2],
      case .integer(let count) = heap.tuples[place][4], count >= 0
    else {
      throw error("a storage is not described as PyTorch does it")
    }
    heap.storages.append(.init(key: key, type: type, count: count))
    stack.append(.storage(heap.storages.count - 1))
  }

  private mutating func call(
    _ function: PickleValue, _ arguments: PickleValue
  ) throws(WeightError) {
    guard case .global(let function) = function, case .tuple(let place) = arguments else {
      throw error("the pickle calls \(function.kind), which is no function")
    }
    let arguments = heap.tuples[place]
    switch function {
    case .orderedDict: try pushOrderedDict(arguments)
    case .rebuildTensor: try pushTensor(arguments)
    case .rebuildParameter:
      guard case .tensor? = arguments.first else { throw error("a parameter is no tensor") }
      stack.append(arguments[0])
    case .storage: throw error("the pickle calls a storage type as a function")
    }
  }

  /// OrderedDict() or OrderedDict([[key, value], ...]).
  private mutating func pushOrderedDict(_ arguments: [PickleValue]) throws(WeightError) {
    if arguments.isEmpty { return push(dictionary: []) }
    guard arguments.count == 1, case .list(let place) = arguments[0] else {
      throw error("an OrderedDict is made of \(arguments[0].kind), expected a list of pairs")
    }
    var members: [(key: PickleValue, value: PickleValue)] = []
    for element in heap.lists[place] {
      let pair: [PickleValue] =
        switch element {
        case .list(let place): heap.lists[place]
        case .tuple(let place): heap.tuples[place]
        default: []
        }
      if pair.count != 2 { throw error("an OrderedDict is made of something else than pairs") }
      members.append((pair[0], pair[1]))
    }
    push(dictionary: members)
  }

  /// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, ...).
  private mutating func pushTensor(_ arguments: [PickleValue]) throws(WeightError) {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1], let shape = integers(arguments[2]),
      let strides = integers(arguments[3])
    else {
      throw error("a tensor is not described as PyTorch does it")
    }
    heap.tensors.append(
      .init(storage: storage, offset: offset, shape: shape, strides: strides, position: start))
    stack.append(.tensor(heap.tensors.count - 1))
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let place) = value else { return nil }
    var integers: [Int] = []
    for element in heap.tuples[place] {
      guard case .integer(let integer) = element else { return nil }
      integers.append(integer)
    }
    return integers
  }
}
