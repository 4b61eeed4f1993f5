/// A library that a plugin computes with and whose version or kind changes results: it is part of the key of stored results.
public struct LibraryInUse: Sendable, Hashable {
  /// What it is called: `LibTorch`.
  public let name: String
  /// The version that is loaded, as it says itself.
  public let version: String
  /// What else changes results: an instruction set, a kernel. May be empty.
  public let detail: String
  /// What people should know: that it is slow, say. Empty when all is well.
  public let warning: String

  /// A library in use.
  public init(_ name: String, version: String, detail: String = "", warning: String = "") {
    self.name = name
    self.version = version
    self.detail = detail
    self.warning = warning
  }

  /// The object of `pons.libraries/1`.
  package var json: JSON {
    [
      "name": .string(name), "version": .string(version), "detail": .string(detail),
      "warning": .string(warning),
    ]
  }

  /// Reads an object of `pons.libraries/1`; nil when it has no name.
  package init?(json: JSON) {
    guard let name = json["name"]?.string, !name.isEmpty else { return nil }
    self.init(
      name, version: json["version"]?.string ?? "", detail: json["detail"]?.string ?? "",
      warning: json["warning"]?.string ?? "")
  }

  /// What stored results depend on.
  package var identity: String { "\(name) \(version) \(detail)" }
}
