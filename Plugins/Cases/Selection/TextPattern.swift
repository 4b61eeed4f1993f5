internal import PonsKit

/// A regular expression of the manifest; upper and lower case are the same to it.
package struct TextPattern: Sendable {
  private let pattern: String

  /// - Throws: `StageFailure` of category `badParameter` that says where the pattern is wrong.
  package init(_ pattern: String, parameter: String) throws {
    self.pattern = pattern
    if pattern.isEmpty {
      throw StageFailure(
        .badParameter, code: "BAD_PATTERN", "the regular expression is empty",
        hint: "leave '\(parameter)' out when every text will do", parameter: parameter)
    }
    do {
      _ = try Regex(pattern)
    } catch {
      throw StageFailure(
        .badParameter, code: "BAD_PATTERN",
        "the regular expression cannot be used\(Self.place(of: error, in: pattern)): \(error)",
        hint: "a character like ( or * that stands for itself is written \\( or \\*",
        parameter: parameter)
    }
  }

  /// " at character 3". The library knows the place and has no public name for it.
  private static func place(of error: any Error, in pattern: String) -> String {
    let location = Mirror(reflecting: error).children.first { $0.label == "location" }
    let range = location.flatMap { Mirror(reflecting: $0.value).children.first }?.value
    guard let range = range as? Range<String.Index>, range.lowerBound <= pattern.endIndex else {
      return ""
    }
    return " at character \(pattern.distance(from: pattern.startIndex, to: range.lowerBound) + 1)"
  }

  /// Longer texts are no description; looking through them may take for ever.
  private static let longestText = 1024

  /// Whether it is in one of the texts. Compiled for each call of a stage, because regular expressions cannot be shared by
  /// threads.
  package func matcher() throws -> ([String]) -> Bool {
    let regex = try Regex(pattern).ignoresCase()
    return { texts in texts.contains { $0.prefix(Self.longestText).contains(regex) } }
  }
}
