/// Why bytes are no safetensors header.
public struct SafetensorsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was found and what was expected.
  public let message: String
  /// The tensor at fault, or nil.
  public let tensor: String?

  init(_ message: String, tensor: String? = nil) {
    self.message = message
    self.tensor = tensor
  }

  /// The message with the tensor's name.
  public var description: String { tensor.map { "tensor '\($0)': \(message)" } ?? message }
}
