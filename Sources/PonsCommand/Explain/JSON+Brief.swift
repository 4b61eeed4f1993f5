internal import PonsKit

extension JSON {
  /// A value in few words: `threshold 0.27, components 3`; long lists are cut and counted.
  ///
  /// - Parameter limit: the most elements of a list.
  func brief(limit: Int = 8) -> String {
    switch self {
    case .string(let text): return text
    case .number(let value): return value == value.rounded() ? "\(value)" : value.brief
    case .array(let elements):
      let shown = elements.prefix(limit).map { element in
        let text = element.brief(limit: limit)
        return element.object == nil ? text : "(\(text))"
      }
      let rest = elements.count > limit ? ", ... \(elements.count) in all" : ""
      return "[" + shown.joined(separator: ", ") + rest + "]"
    case .object(let members):
      return members.sorted { $0.key < $1.key }.map { name, value in
        value.object == nil
          ? "\(name) \(value.brief(limit: limit))" : "\(name) (\(value.brief(limit: limit)))"
      }.joined(separator: ", ")
    default: return canonical
    }
  }
}

extension Double {
  /// With at most four digits behind the point that say something.
  fileprivate var brief: String {
    guard magnitude >= 1e-3, magnitude < 1e9 else { return "\(self)" }
    return "\((self * 1e4).rounded() / 1e4)"
  }
}
