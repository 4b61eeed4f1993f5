internal import CTorch

extension Tensor {
  // MARK: Element by element

  private func unary(_ name: String, _ operation: Int32) throws(TorchError) -> Tensor {
    try Tensor.make(name, [self]) { pons_torch_unary(operation, handle, $0) }
  }

  /// Absolute values.
  public func abs() throws(TorchError) -> Tensor { try unary("abs", PONS_TORCH_ABSOLUTE) }
  /// e to the power of each element.
  public func exp() throws(TorchError) -> Tensor { try unary("exp", PONS_TORCH_EXP) }
  /// Natural logarithms.
  public func log() throws(TorchError) -> Tensor { try unary("log", PONS_TORCH_LOG) }
  /// Square roots.
  public func sqrt() throws(TorchError) -> Tensor { try unary("sqrt", PONS_TORCH_SQRT) }
  /// 1 / square roots.
  public func rsqrt() throws(TorchError) -> Tensor { try unary("rsqrt", PONS_TORCH_RSQRT) }
  /// Sines.
  public func sin() throws(TorchError) -> Tensor { try unary("sin", PONS_TORCH_SIN) }
  /// Cosines.
  public func cos() throws(TorchError) -> Tensor { try unary("cos", PONS_TORCH_COS) }
  /// Hyperbolic tangents.
  public func tanh() throws(TorchError) -> Tensor { try unary("tanh", PONS_TORCH_TANH) }
  /// 1 / (1 + exp(-x)).
  public func sigmoid() throws(TorchError) -> Tensor { try unary("sigmoid", PONS_TORCH_SIGMOID) }
  /// max(x, 0).
  public func relu() throws(TorchError) -> Tensor { try unary("relu", PONS_TORCH_RELU) }
  /// x * sigmoid(x).
  public func silu() throws(TorchError) -> Tensor { try unary("silu", PONS_TORCH_SILU) }
  /// The nearest whole numbers, halves to even.
  public func round() throws(TorchError) -> Tensor { try unary("round", PONS_TORCH_ROUND) }
  /// The next lower whole numbers.
  public func floor() throws(TorchError) -> Tensor { try unary("floor", PONS_TORCH_FLOOR) }
  /// The opposite of each bool.
  public func logicalNot() throws(TorchError) -> Tensor {
    try unary("logicalNot", PONS_TORCH_LOGICAL_NOT)
  }
  /// x * Phi(x), Phi by the error function or by its approximation with tanh.
  public func gelu(tanh: Bool = false) throws(TorchError) -> Tensor {
    try unary("gelu", tanh ? PONS_TORCH_GELU_TANH : PONS_TORCH_GELU)
  }
  /// x * sigmoid(1.702 x), which OpenAI's CLIP uses.
  public func quickGelu() throws(TorchError) -> Tensor {
    let gate = try self * 1.702
    if gate.requiresGrad { return try self * gate.sigmoid() }
    try TorchError.check(
      pons_torch_unary_(PONS_TORCH_SIGMOID, gate.handle), "quickGelu", [self])
    try gate.multiply_(self)
    return gate
  }
  /// x where it is positive, slope * x elsewhere.
  public func leakyRelu(_ slope: Double = 0.01) throws(TorchError) -> Tensor {
    try Tensor.make("leakyRelu", [self]) { pons_torch_leaky_relu(handle, slope, $0) }
  }

  /// max(x, 0) in place.
  public func relu_() throws(TorchError) {
    try TorchError.check(pons_torch_unary_(PONS_TORCH_RELU, handle), "relu_", [self])
  }
  /// x * Phi(x) in place.
  public func gelu_() throws(TorchError) {
    try TorchError.check(pons_torch_unary_(PONS_TORCH_GELU, handle), "gelu_", [self])
  }
  /// Square roots in place.
  public func sqrt_() throws(TorchError) {
    try TorchError.check(pons_torch_unary_(PONS_TORCH_SQRT, handle), "sqrt_", [self])
  }

  private static func binary(
    _ name: String, _ operation: Int32, _ x: Tensor, _ y: Tensor
  ) throws(TorchError) -> Tensor {
    try make(name, [x, y]) { pons_torch_binary(operation, x.handle, y.handle, $0) }
  }

  private static func binary(
    _ name: String, _ operation: Int32, _ x: Tensor, _ y: Double
  ) throws(TorchError) -> Tensor {
    try make(name, [x]) { pons_torch_binary_scalar(operation, x.handle, y, $0) }
  }

  /// Sum.
  public static func + (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try binary("+", PONS_TORCH_ADD, x, y)
  }
  /// Sum with a number.
  public static func + (x: Tensor, y: Double) throws(TorchError) -> Tensor {
    try binary("+", PONS_TORCH_ADD, x, y)
  }
  /// Difference.
  public static func - (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try binary("-", PONS_TORCH_SUBTRACT, x, y)
  }
  /// Difference with a number.
  public static func - (x: Tensor, y: Double) throws(TorchError) -> Tensor {
    try binary("-", PONS_TORCH_SUBTRACT, x, y)
  }
  /// Product, element by element.
  public static func * (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try binary("*", PONS_TORCH_MULTIPLY, x, y)
  }
  /// Product with a number.
  public static func * (x: Tensor, y: Double) throws(TorchError) -> Tensor {
    try binary("*", PONS_TORCH_MULTIPLY, x, y)
  }
  /// Quotient, element by element.
  public static func / (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try binary("/", PONS_TORCH_DIVIDE, x, y)
  }
  /// Quotient with a number.
  public static func / (x: Tensor, y: Double) throws(TorchError) -> Tensor {
    try binary("/", PONS_TORCH_DIVIDE, x, y)
  }
  /// Negated elements.
  public static prefix func - (x: Tensor) throws(TorchError) -> Tensor {
    try x.unary("-", PONS_TORCH_NEGATIVE)
  }
  /// Powers.
  public func pow(_ exponent: Double) throws(TorchError) -> Tensor {
    try Tensor.binary("pow", PONS_TORCH_POWER, self, exponent)
  }
  /// The larger of two elements.
  public func maximum(_ other: Tensor) throws(TorchError) -> Tensor {
    try Tensor.binary("maximum", PONS_TORCH_MAXIMUM, self, other)
  }
  /// The smaller of two elements.
  public func minimum(_ other: Tensor) throws(TorchError) -> Tensor {
    try Tensor.binary("minimum", PONS_TORCH_MINIMUM, self, other)
  }

  /// How two elements are compared.
  public enum Comparison: Sendable {
    /// x == y, x != y, x < y, x <= y, x > y, x >= y.
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    var code: Int32 {
      switch self {
      case .equal: PONS_TORCH_EQUAL
      case .notEqual: PONS_TORCH_NOT_EQUAL
      case .less: PONS_TORCH_LESS
      case .lessOrEqual: PONS_TORCH_LESS_EQUAL
      case .greater: PONS_TORCH_GREATER
      case .greaterOrEqual: PONS_TORCH_GREATER_EQUAL
      }
    }
  }

  /// Bools: whether a comparison holds.
  public func compare(_ comparison: Comparison, _ other: Tensor) throws(TorchError) -> Tensor {
    try Tensor.binary("\(comparison)", comparison.code, self, other)
  }
  /// Bools: whether a comparison with a number holds.
  public func compare(_ comparison: Comparison, _ other: Double) throws(TorchError) -> Tensor {
    try Tensor.binary("\(comparison)", comparison.code, self, other)
  }
  /// Both.
  public func and(_ other: Tensor) throws(TorchError) -> Tensor {
    try Tensor.binary("and", PONS_TORCH_AND, self, other)
  }
  /// One of both, or both.
  public func or(_ other: Tensor) throws(TorchError) -> Tensor {
    try Tensor.binary("or", PONS_TORCH_OR, self, other)
  }

  /// Elements limited to a range; nil means no limit.
  public func clamp(_ low: Double? = nil, _ high: Double? = nil) throws(TorchError) -> Tensor {
    try Tensor.make("clamp", [self]) {
      pons_torch_clamp(handle, low ?? .nan, high ?? .nan, $0)
    }
  }

  /// Where this tensor of bools holds x, else y.
  public func choose(_ x: Tensor, else y: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make("choose", [self, x, y]) {
      pons_torch_where(handle, x.handle, y.handle, $0)
    }
  }

  // MARK: In place

  /// x + scale * y in place.
  public func add_(_ other: Tensor, scale: Double = 1) throws(TorchError) {
    try TorchError.check(
      pons_torch_add_scaled_(handle, other.handle, scale), "add_", [self, other])
  }
  /// x + y in place.
  public func add_(_ value: Double) throws(TorchError) {
    try TorchError.check(
      pons_torch_binary_scalar_(PONS_TORCH_ADD, handle, value), "add_", [self])
  }
  /// x * y in place.
  public func multiply_(_ other: Tensor) throws(TorchError) {
    try TorchError.check(
      pons_torch_binary_(PONS_TORCH_MULTIPLY, handle, other.handle), "multiply_", [self, other])
  }
  /// x * y in place.
  public func multiply_(_ value: Double) throws(TorchError) {
    try TorchError.check(
      pons_torch_binary_scalar_(PONS_TORCH_MULTIPLY, handle, value), "multiply_", [self])
  }
  /// x / y in place.
  public func divide_(_ value: Double) throws(TorchError) {
    try TorchError.check(
      pons_torch_binary_scalar_(PONS_TORCH_DIVIDE, handle, value), "divide_", [self])
  }
  /// x + scale * y * z in place.
  public func addProduct_(_ y: Tensor, _ z: Tensor, scale: Double) throws(TorchError) {
    try TorchError.check(
      pons_torch_add_product_(handle, y.handle, z.handle, scale), "addProduct_", [self, y, z])
  }
  /// x + scale * y / z in place.
  public func addQuotient_(_ y: Tensor, _ z: Tensor, scale: Double) throws(TorchError) {
    try TorchError.check(
      pons_torch_add_quotient_(handle, y.handle, z.handle, scale), "addQuotient_", [self, y, z])
  }
  /// x + weight * (y - x) in place.
  public func lerp_(_ other: Tensor, weight: Double) throws(TorchError) {
    try TorchError.check(
      pons_torch_lerp_(handle, other.handle, weight), "lerp_", [self, other])
  }

  // MARK: Products of matrices

  /// Matrix product of the last two axes; axes before them broadcast.
  public func matmul(_ other: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make("matmul", [self, other]) { pons_torch_matmul(handle, other.handle, $0) }
  }

  /// beta * c + alpha * x @ y for x `[b, n, k]` and y `[b, k, m]`, where c is this tensor and broadcasts.
  public func baddbmm(
    _ x: Tensor, _ y: Tensor, beta: Double = 1, alpha: Double = 1
  ) throws(TorchError) -> Tensor {
    try Tensor.make("baddbmm", [self, x, y]) {
      pons_torch_baddbmm(handle, x.handle, y.handle, beta, alpha, $0)
    }
  }
}
