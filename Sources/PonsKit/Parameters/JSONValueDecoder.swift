/// Decodes a `Decodable` value from ``JSON``, with errors that name the parameter.
enum JSONValueDecoder {
  static func decode<Value: Decodable>(_ type: Value.Type, from json: JSON) throws -> Value {
    do {
      return try Node(json: json, codingPath: []).unbox(type)
    } catch let error as DecodingError {
      throw failure(error)
    }
  }

  private static func failure(_ error: DecodingError) -> StageFailure {
    let (path, text): ([any CodingKey], String) =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .dataCorrupted(let context):
        (context.codingPath, context.debugDescription)
      case .keyNotFound(let key, let context): (context.codingPath + [key], "it is missing")
      @unknown default: ([], "it does not fit")
      }
    let name = path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    return StageFailure(
      .badParameter, "the parameter '\(name)' cannot be used: \(text)",
      parameter: path.first?.stringValue)
  }
}

private struct Node: Decoder {
  let json: JSON
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard let members = json.object else { throw mismatch([String: JSON].self, "an object") }
    return KeyedDecodingContainer(Members(members: members, codingPath: codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard let elements = json.array else { throw mismatch([JSON].self, "an array") }
    return Elements(elements: elements, codingPath: codingPath)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
    .typeMismatch(
      type,
      .init(codingPath: codingPath, debugDescription: "\(json.canonical), expected \(expected)"))
  }

  func unbox<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let json = json as? Value { return json }
    return try Value(from: self)
  }

  func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    guard let value = json.integer.flatMap(Value.init(exactly:)) else {
      throw mismatch(type, "an integer from \(Value.min) to \(Value.max)")
    }
    return value
  }
}

extension Node: SingleValueDecodingContainer {
  func decodeNil() -> Bool { json == .null }
  func decode(_ type: Bool.Type) throws -> Bool {
    guard let value = json.bool else { throw mismatch(type, "true or false") }
    return value
  }
  func decode(_ type: String.Type) throws -> String {
    guard let value = json.string else { throw mismatch(type, "a string") }
    return value
  }
  func decode(_ type: Double.Type) throws -> Double {
    guard let value = json.number else { throw mismatch(type, "a number") }
    return value
  }
  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try unbox(type) }
}

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let members: [String: JSON]
  let codingPath: [any CodingKey]

  var allKeys: [Key] { members.keys.sorted().compactMap(Key.init(stringValue:)) }
  func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try node(key).json == .null }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try node(key).unbox(type)
  }
  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
    -> KeyedDecodingContainer<Nested>
  { try node(key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try node(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { Node(json: .object(members), codingPath: codingPath) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try node(key) }

  private func node(_ key: Key) throws -> Node {
    guard let json = members[key.stringValue] else {
      throw DecodingError.keyNotFound(
        key, .init(codingPath: codingPath, debugDescription: "missing"))
    }
    return Node(json: json, codingPath: codingPath + [key])
  }
}

private struct Elements: UnkeyedDecodingContainer {
  let elements: [JSON]
  let codingPath: [any CodingKey]
  var currentIndex = 0

  init(elements: [JSON], codingPath: [any CodingKey]) {
    self.elements = elements
    self.codingPath = codingPath
  }

  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }
  mutating func decodeNil() throws -> Bool {
    if isAtEnd || elements[currentIndex] != .null { return false }
    currentIndex += 1
    return true
  }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let node = try current()
    let value = try node.unbox(type)
    currentIndex += 1
    return value
  }
  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws
    -> KeyedDecodingContainer<Nested>
  {
    let container = try current().container(keyedBy: type)
    currentIndex += 1
    return container
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try current().unkeyedContainer()
    currentIndex += 1
    return container
  }
  mutating func superDecoder() throws -> any Decoder {
    let node = try current()
    currentIndex += 1
    return node
  }

  private func current() throws -> Node {
    if isAtEnd {
      throw DecodingError.valueNotFound(
        JSON.self, .init(codingPath: codingPath, debugDescription: "the array is too short"))
    }
    return Node(json: elements[currentIndex], codingPath: codingPath + [Index(currentIndex)])
  }
}

private struct Index: CodingKey {
  let index: Int
  init(_ index: Int) { self.index = index }
  init?(stringValue: String) { nil }
  init?(intValue: Int) { index = intValue }
  var stringValue: String { "\(index)" }
  var intValue: Int? { index }
}

extension JSON: Decodable {
  /// Any value, for parameters of type object whose structure the stage checks itself.
  public init(from decoder: any Decoder) throws {
    guard let node = decoder as? Node else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "JSON is decoded from JSON only"))
    }
    self = node.json
  }
}
