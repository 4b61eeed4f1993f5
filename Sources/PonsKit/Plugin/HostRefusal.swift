internal import CPons

/// A function of the host refused. The host has described why; the error only needs to be passed on.
public struct HostRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is.
  public let category: StageFailure.Category

  init(status: Int32) { category = StageFailure.Category(rawValue: status) ?? .internal }

  /// Says that the host knows.
  public var description: String { "the host refused (\(category.defaultCode))" }

  static func check(_ status: Int32) throws {
    if status != PONS_OK { throw HostRefusal(status: status) }
  }
}
