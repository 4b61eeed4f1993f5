/// Why a weight file cannot be used.
public struct WeightError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was found and what was expected.
  public let message: String
  /// The file, as the caller named it.
  public let file: String
  /// The tensor at fault, or nil when it is the whole file.
  public let key: String?
  /// Where the damage is, in bytes: of the file, or of `data.pkl` in a PyTorch archive; nil when it is at no one place.
  public let offset: Int?
  /// What to do about it, or empty.
  public let hint: String

  /// Describes what is wrong.
  public init(
    _ message: String, file: String, key: String? = nil, offset: Int? = nil, hint: String = ""
  ) {
    self.message = message
    self.file = file
    self.key = key
    self.offset = offset
    self.hint = hint
  }

  /// File, tensor and message in one line, without the hint.
  public var description: String {
    let tensor = key.map { " tensor '\($0.shownInErrors)':" } ?? ""
    let place = offset.map { " (at byte \($0))" } ?? ""
    return "\(file):\(tensor) \(message)\(place)"
  }
}

extension String {
  /// The text as errors show it: names inside files may be anything, and of any length.
  var shownInErrors: String {
    var text = ""
    for scalar in unicodeScalars.prefix(200) {
      text.unicodeScalars.append(scalar.properties.generalCategory == .control ? "?" : scalar)
    }
    return unicodeScalars.dropFirst(200).isEmpty ? text : text + "..."
  }
}
