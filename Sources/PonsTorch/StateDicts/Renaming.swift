/// A rule from the names of a weight file to those of a network.
///
/// Names are read as components between points. A rule's pattern must match the first components; `*` matches any one
/// component and gives it to the next `*` of the replacement. What follows is kept. The first rule that matches is used,
/// once:
///
///     Renaming("image_encoder.blocks.*.norm1", "vision_encoder.layers.*.layer_norm1")
public struct Renaming: Sendable {
  private let pattern: [Substring]
  private let replacement: [Substring]

  /// Both sides have as many `*`; an empty replacement takes the prefix away.
  public init(_ pattern: String, _ replacement: String) {
    self.pattern = Self.components(pattern)
    self.replacement = Self.components(replacement)
    precondition(
      self.pattern.count { $0 == "*" } == self.replacement.count { $0 == "*" },
      "both sides of a renaming have as many '*'")
  }

  private static func components(_ name: String) -> [Substring] { name.split(separator: ".") }

  /// The name by the first rule that matches, or the name itself.
  public static func apply(_ rules: [Renaming], to name: String) -> String {
    if rules.isEmpty { return name }
    let components = Self.components(name)
    for rule in rules {
      if let renamed = rule.renamed(components) { return renamed }
    }
    return name
  }

  private func renamed(_ name: [Substring]) -> String? {
    if name.count < pattern.count { return nil }
    var captured: [Substring] = []
    for (part, component) in zip(pattern, name) {
      if part == "*" {
        captured.append(component)
      } else if part != component {
        return nil
      }
    }
    var next = captured.makeIterator()
    let start = replacement.map { $0 == "*" ? next.next() ?? $0 : $0 }
    return (start + name.dropFirst(pattern.count)).joined(separator: ".")
  }
}
