/// Where a value of the effective manifest comes from, and why it is what it is.
public struct Origin: Sendable, Hashable {
  /// Where the value is written.
  public var location: SourceLocation
  /// The overlay's name, when an overlay wrote it.
  public var overlay: String?
  /// Why it was changed, as the overlay says.
  public var reason: String?
  /// Who changed it, as the overlay says.
  public var by: String?

  /// A place, with what an overlay says about it.
  public init(
    _ location: SourceLocation, overlay: String? = nil, reason: String? = nil, by: String? = nil
  ) {
    self.location = location
    self.overlay = overlay
    self.reason = reason
    self.by = by
  }

  /// The name of the file that stands for `--set`.
  static let commandLine = "command line"

  /// Who changed the value: the overlay's name, its file when it has none, or `command line`.
  var layer: String { overlay ?? location.file }

  /// What a guarded change lacks: `reason`, `by`.
  var missingNotes: [String] {
    (reason == nil ? ["reason"] : []) + (by == nil ? ["by"] : [])
  }

  /// `file:line:column`, then overlay, reason and author as far as they are known; on one line.
  public var description: String {
    var text = location.description
    if let overlay { text += ", overlay \(overlay)" }
    if let reason { text += ", reason: \(reason)" }
    if let by { text += ", by: \(by)" }
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x85 ? " " : $0 }))
  }
}

/// A value as somebody wrote it, not yet typed.
struct Setting: Sendable, Hashable {
  var node: YAMLNode
  /// Relative paths in the value start here; empty is the working directory.
  var folder: String
  var origin: Origin
  /// Written by an overlay or on the command line, not by the manifest itself.
  var isEdit = false

  var location: SourceLocation { node.location }
}
