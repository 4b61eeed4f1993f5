internal import CTorch

/// Why libtorch, or a layer above it, could not do what was asked for.
public struct TorchError: Error, Sendable, CustomStringConvertible {
  /// What was to be done: `matmul`.
  public let operation: String
  /// What was found and what was expected.
  public let message: String
  /// The tensors it was to be done with: `[2, 3] float32`.
  public let operands: [String]

  /// An error that was found above libtorch.
  public init(_ operation: String, _ message: String, operands: [Tensor] = []) {
    self.operation = operation
    self.message = message
    self.operands = operands.map(\.summary)
  }

  /// The operation, its operands and the message.
  public var description: String {
    operands.isEmpty
      ? "\(operation): \(message)"
      : "\(operation) of \(operands.joined(separator: " and ")): \(message)"
  }

  /// Throws when a call of the shim answered a message, and frees it.
  static func check(
    _ result: pons_torch_result?, _ operation: String, _ operands: [Tensor]
  ) throws(TorchError) {
    guard let result else { return }
    // The first line says what is wrong; what follows tells developers of libtorch where.
    let text = String(cString: result)
    pons_torch_message_free(result)
    let line = text.split(separator: "\n").first.map(String.init) ?? "libtorch gave no reason"
    throw TorchError(operation, line, operands: operands)
  }
}
