/// What shall be loaded: a manifest, and everything that changes it.
public struct ManifestRequest {
  /// Path of the manifest, or of an overlay that names its base, as the user gave it.
  public var manifest: String
  /// Paths of overlays, applied in this order.
  public var overlays: [String]
  /// `name=value` or `stages.x.with.y=value`, applied last.
  public var assignments: [String]
  /// Why the assignments are made: needed where they change guarded values.
  public var reason: String?
  /// Who makes them: needed as well.
  public var by: String?
  /// Whether the manifest's golden cases are the input: their values take the place of its defaults.
  public var isGolden = false
  /// Gives the bytes of a file; whatever it throws is reported as a reason.
  public var readFile: (String) throws -> [UInt8]

  /// What shall be loaded.
  public init(
    manifest: String, overlays: [String] = [], assignments: [String] = [],
    reason: String? = nil, by: String? = nil, readFile: @escaping (String) throws -> [UInt8]
  ) {
    self.manifest = manifest
    self.overlays = overlays
    self.assignments = assignments
    self.reason = reason
    self.by = by
    self.readFile = readFile
  }
}
