/// A case that a source announces.
public struct SourceCase: Sendable, Hashable {
  /// Unique in the source and stable; may be patient data.
  public var name: String
  /// The name is no patient data and becomes the case key as it is.
  public var isPublic: Bool
  /// Absolute paths whose content decides whether earlier results can be used.
  public var files: [String]
  /// What decides beside files.
  public var fingerprint: String
  /// What the case is, for reports, also when it cannot be read. No patient data; not part of any key.
  public var about: [String: JSON]

  /// A case that a source has found.
  public init(
    name: String, isPublic: Bool = false, files: [String] = [], fingerprint: String = "",
    about: [String: JSON] = [:]
  ) {
    self.name = name
    self.isPublic = isPublic
    self.files = files
    self.fingerprint = fingerprint
    self.about = about
  }
}
