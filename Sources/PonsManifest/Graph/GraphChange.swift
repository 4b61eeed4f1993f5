public import PonsKit

/// A change that an overlay or the command line made to a manifest, as a run records it.
public struct GraphChange: Sendable, Hashable {
  /// What was changed: `stages.s3f.with.keep_fraction`, `stages.read.use`, `parameters.level`.
  public var path: String
  /// The value before; nil when none was written, or when it is not recorded.
  public var from: JSON?
  /// The value after; nil when something was removed, or when it is not recorded. Paths never are, and texts only where the
  /// manifest guards or lists them: the others may tell who a patient is.
  public var to: JSON?
  /// Whether it was taken away and not changed.
  public var isRemoval: Bool
  /// The overlay's name, or `command line`.
  public var layer: String
  /// Why, as whoever changed it says.
  public var reason: String?
  /// Who changed it.
  public var by: String?
  /// Whether the manifest guards the value.
  public var isGuarded: Bool

  init(
    path: String, isRemoval: Bool = false, origin: Origin, isGuarded: Bool = false
  ) {
    self.path = path
    self.isRemoval = isRemoval
    self.isGuarded = isGuarded
    layer = origin.layer
    reason = origin.reason
    by = origin.by
  }

  /// The change as an object for machines.
  public var json: JSON {
    var members: [String: JSON] = [
      "path": .string(path), "layer": .string(layer), "guarded": .bool(isGuarded),
    ]
    members["from"] = from
    members["to"] = to
    if isRemoval { members["removed"] = true }
    if let reason { members["reason"] = .string(reason) }
    if let by { members["by"] = .string(by) }
    return .object(members)
  }
}

extension ParameterDescriptor {
  /// Whether a run's record may hold a value: no path, and no text that the manifest neither guards nor lists.
  func isRecorded(isGuarded: Bool) -> Bool {
    switch type.element ?? type {
    case .path: false
    case .string, .object: isGuarded || !allowed.isEmpty
    case .integer, .number, .boolean, .array: true
    }
  }
}
