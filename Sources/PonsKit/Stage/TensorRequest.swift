/// One tensor of an output that is to be allocated.
public struct TensorRequest: Sendable, Hashable {
  /// `[A-Za-z0-9_.-]+`, unique in the packet.
  public var name: String
  /// Type of the elements.
  public var type: ElementType
  /// The most that will be needed, slowest index first.
  public var shape: [Int]

  /// Asks for a tensor.
  public init(_ name: String, _ type: ElementType, _ shape: [Int]) {
    self.name = name
    self.type = type
    self.shape = shape
  }
}
