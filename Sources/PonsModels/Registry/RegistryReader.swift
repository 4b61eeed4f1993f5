internal import PonsKit

/// An object of a registry, with the words for what is wrong in it.
struct RegistryReader {
  private let json: [String: JSON]
  private let place: String

  init(_ json: JSON?, _ place: String) throws(ModelError) {
    guard let members = json?.object else {
      throw ModelError("\(place): expected an object")
    }
    self.json = members
    self.place = place
  }

  func error(_ message: String) -> ModelError { ModelError("\(place): \(message)") }

  func has(_ key: String) -> Bool { json[key] != nil }

  func value(_ key: String) -> JSON? { json[key] }

  func expectOnly(_ keys: Set<String>) throws(ModelError) {
    if let other = json.keys.filter({ !keys.contains($0) }).min() {
      throw error("unknown member '\(other)'")
    }
  }

  func string(_ key: String) throws(ModelError) -> String {
    guard let text = json[key]?.string, !text.isEmpty else {
      throw error("'\(key)' must be a text")
    }
    return text
  }

  func strings(_ key: String) throws(ModelError) -> [String] {
    let texts = json[key]?.array?.compactMap(\.string)
    guard let texts, texts.count == json[key]?.array?.count else {
      throw error("'\(key)' must be a list of texts")
    }
    return texts
  }

  func integer(_ key: String) throws(ModelError) -> Int {
    guard let value = json[key]?.integer, value > 0 else {
      throw error("'\(key)' must be a number above 0")
    }
    return Int(value)
  }

  func numbers(_ key: String, count: Int) throws(ModelError) -> [Double] {
    let numbers = json[key]?.array?.compactMap(\.number)
    guard let numbers, numbers.count == count else {
      throw error("'\(key)' must be \(count) numbers")
    }
    return numbers
  }

  func objects(_ key: String) throws(ModelError) -> [RegistryReader] {
    guard let elements = json[key]?.array else { throw error("'\(key)' must be a list") }
    var objects: [RegistryReader] = []
    for (index, element) in elements.enumerated() {
      objects.append(try RegistryReader(element, "\(place), \(key)[\(index)]"))
    }
    return objects
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String
  ) throws(ModelError) -> Choice where Choice.RawValue == String {
    try choice(try string(key), of: key)
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, of key: String
  ) throws(ModelError) -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: name) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw error("'\(key)' has '\(name)', expected one of \(known)")
    }
    return choice
  }
}
