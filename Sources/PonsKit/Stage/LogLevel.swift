/// Severity of a log record; raw values are those of pons.h.
public enum LogLevel: UInt32, Sendable, Hashable, Comparable {
  case debug = 0
  case info = 1
  case notice = 2
  case warning = 3

  /// Ordered by severity.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
