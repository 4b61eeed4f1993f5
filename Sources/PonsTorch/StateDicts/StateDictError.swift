/// Why the tensors of a file do not fit a network: everything that is wrong, at once.
public struct StateDictError: Error, Sendable, CustomStringConvertible {
  /// A tensor of another shape.
  public struct Misshapen: Sendable, Hashable {
    /// Its name in the network.
    public let name: String
    /// Its shape in the file.
    public let found: [Int]
    /// The shape in the network.
    public let expected: [Int]
  }

  /// What was to be loaded.
  public let source: String
  /// Names the network has and the file lacks.
  public internal(set) var missing: [String] = []
  /// Names the file has and the network lacks, as the file writes them.
  public internal(set) var unexpected: [String] = []
  /// Names that both have, with different shapes.
  public internal(set) var misshapen: [Misshapen] = []

  init(source: String) { self.source = source }

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty }

  /// What is wrong in one line; of each kind the first names.
  public var description: String {
    func list(_ names: [String]) -> String {
      names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", ..." : "")
    }
    var parts: [String] = []
    if let first = misshapen.first {
      let others = misshapen.count > 1 ? " and \(misshapen.count - 1) others" : ""
      parts.append(
        "'\(first.name)' has the shape \(first.found), expected \(first.expected)\(others)")
    }
    if !missing.isEmpty { parts.append("\(missing.count) tensors are missing: \(list(missing))") }
    if !unexpected.isEmpty {
      parts.append("\(unexpected.count) tensors are not expected: \(list(unexpected))")
    }
    return "\(source) does not fit the network: \(parts.joined(separator: "; "))"
  }
}
