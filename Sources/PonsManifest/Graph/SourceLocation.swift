/// A place in a manifest or overlay.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  /// The file as the user named it, or `command line`.
  public var file: String
  /// From 1; 0 when there is no line.
  public var line: Int
  /// From 1, in characters; 0 when there is no column.
  public var column: Int

  /// A place in a text.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`, or the file alone.
  public var description: String { line > 0 ? "\(file):\(line):\(column)" : file }
}
