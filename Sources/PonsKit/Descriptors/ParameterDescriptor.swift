/// The type of a parameter.
public indirect enum ParameterType: Sendable, Hashable {
  case string
  /// A string that names a file or folder. Never part of a cache key: the content counts, not the place.
  case path
  case integer
  case number
  case boolean
  case array(ParameterType)
  /// Any JSON value whose structure the stage itself checks.
  case object
}

/// One parameter of a stage: what manifests may set, with its default and range.
public struct ParameterDescriptor: Sendable, Hashable {
  /// The name, as manifests write it.
  public var name: String
  /// What values it takes.
  public var type: ParameterType
  /// One line for people.
  public var summary: String
  /// Must be set by the manifest.
  public var isRequired: Bool
  /// Nil for required parameters, and for those that may be absent.
  public var defaultValue: JSON?
  /// The least number allowed, also for the numbers of an array.
  public var minimum: Double?
  /// The greatest number allowed, also for the numbers of an array.
  public var maximum: Double?
  /// The only values allowed; empty means no restriction.
  public var allowed: [JSON]
  /// Unit of the value, `mm` or `voxels`.
  public var unit: String?
  /// Whether results depend on it; when false it is no part of cache keys.
  public var affectsResult: Bool

  /// Describes a parameter; see the properties of the same names.
  public init(
    _ name: String, _ type: ParameterType, _ summary: String = "", isRequired: Bool = false,
    defaultValue: JSON? = nil, minimum: Double? = nil, maximum: Double? = nil,
    allowed: [JSON] = [], unit: String? = nil, affectsResult: Bool = true
  ) {
    self.name = name
    self.type = type
    self.summary = summary
    self.isRequired = isRequired
    self.defaultValue = defaultValue
    self.minimum = minimum
    self.maximum = maximum
    self.allowed = allowed
    self.unit = unit
    self.affectsResult = affectsResult && type != .path
  }
}
