package import PonsKit

/// The classes of the slices of a volume: what a packet of kind `slice-labels` holds, checked.
package struct SliceClasses: Sendable {
  /// The class of each slice; nil where there is none.
  package let labels: [Int?]
  /// Names of the classes.
  package let classes: [String]

  /// Reads a packet.
  ///
  /// - Parameter slices: how many the volume has.
  /// - Throws: `StageFailure` of category `badInput`, BAD_LABELS.
  package init(_ packet: InputPacket<SliceLabelsKind>, slices: Int, port: String) throws {
    classes = try packet.classes
    let values = try packet.label.array(of: Int8.self)
    if values.count != slices {
      throw Self.failure(
        "there are classes for \(values.count) slices, and the volume has \(slices)", port)
    }
    let count = classes.count
    labels = try values.map { value in
      guard (-1..<count).contains(Int(value)) else {
        throw Self.failure("a slice has the class \(value) of \(count)", port)
      }
      return value < 0 ? nil : Int(value)
    }
  }

  /// The number of the class with a name; of the last class when there is no name.
  ///
  /// - Throws: `StageFailure` of category `badParameter` that lists the classes.
  package func number(of name: String?, parameter: String) throws -> Int {
    guard let name else {
      if classes.isEmpty { throw Self.failure("there is no class", nil) }
      return classes.count - 1
    }
    guard let number = classes.firstIndex(of: name) else {
      throw StageFailure(
        .badParameter, code: "UNKNOWN_CLASS", "there is no class '\(name)'",
        hint: "the classes are: \(classes.joined(separator: ", "))", parameter: parameter)
    }
    return number
  }

  private static func failure(_ message: String, _ port: String?) -> StageFailure {
    StageFailure(.badInput, code: "BAD_LABELS", message, port: port)
  }
}
