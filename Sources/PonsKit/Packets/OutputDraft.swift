internal import CPons

/// An output packet while it is being filled. Its memory belongs to the host and is not cleared; pointers into it are
/// valid until the closure that was given the draft returns.
public struct OutputDraft {
  /// What matters for the result, a JSON object.
  public var metadata: [String: JSON]
  /// Provenance, patient data and paths, a JSON object; never part of the packet's identity.
  public var sidecar: [String: JSON]

  let host: UnsafePointer<pons_host>
  let builder: pons_builder
  let tensors: [TensorRequest]
  private(set) var finalShapes: [(name: String, shape: [Int])] = []

  init(
    host: UnsafePointer<pons_host>, builder: pons_builder, tensors: [TensorRequest],
    metadata: [String: JSON], sidecar: [String: JSON]
  ) {
    self.host = host
    self.builder = builder
    self.tensors = tensors
    self.metadata = metadata
    self.sidecar = sidecar
  }

  /// All bytes of a tensor.
  ///
  /// - Throws: ``StageFailure`` of category `internal` for a name that was not asked for.
  public func bytes(_ name: String) throws -> UnsafeMutableRawBufferPointer {
    let request = try request(name)
    var tensor = pons_tensor()
    try HostRefusal.check(
      name.withPonsString { host.pointee.builder_tensor(builder, $0, &tensor) })
    let count = request.shape.reduce(request.type.size, *)
    return UnsafeMutableRawBufferPointer(start: tensor.data, count: tensor.data == nil ? 0 : count)
  }

  /// All elements of a tensor.
  ///
  /// - Throws: ``StageFailure`` of category `internal` for a name or type that was not asked for.
  public func elements<Element: TensorElement>(
    _ name: String, of _: Element.Type = Element.self
  ) throws -> UnsafeMutableBufferPointer<Element> {
    let request = try request(name)
    if request.type != Element.elementType {
      throw StageFailure(
        .internal, code: "WRONG_TYPE",
        "tensor '\(name)' was asked for as \(request.type.rawValue), not \(Element.elementType)")
    }
    return try bytes(name).bindMemory(to: Element.self)
  }

  /// Copies values into a tensor of as many elements.
  public func fill<Element: TensorElement>(_ name: String, with values: [Element]) throws {
    let elements = try elements(name, of: Element.self)
    if elements.count != values.count {
      throw StageFailure(
        .internal, code: "WRONG_SIZE",
        "tensor '\(name)' has \(elements.count) elements, not \(values.count)")
    }
    _ = elements.update(fromContentsOf: values)
  }

  /// Writes the affine of a grid: 16 numbers, row by row.
  public func fillAffine(_ affine: [Double]) throws { try fill("affine", with: affine) }

  /// Says that a tensor became smaller than was asked for; what is kept are its first elements in C order.
  public mutating func shrink(_ name: String, to shape: [Int]) throws {
    let request = try request(name)
    if shape.contains(where: { $0 < 0 }) || shape.reduce(1, *) > request.shape.reduce(1, *) {
      throw StageFailure(
        .internal, code: "WRONG_SIZE",
        "tensor '\(name)' of shape \(request.shape) cannot become \(shape)")
    }
    finalShapes.removeAll { $0.name == name }
    finalShapes.append((name, shape))
  }

  private func request(_ name: String) throws -> TensorRequest {
    guard let request = tensors.first(where: { $0.name == name }) else {
      throw StageFailure(
        .internal, code: "UNKNOWN_TENSOR", "tensor '\(name)' was not asked for",
        hint: "Name it in the tensors of send().")
    }
    return request
  }
}
