internal import CTorch

extension Tensor {
  /// Whether what is computed from this tensor is recorded for derivatives.
  public var requiresGrad: Bool { pons_torch_requires_grad(handle) != 0 }

  /// Says whether derivatives by this tensor are wanted. It must be a leaf: not computed from others.
  public func setRequiresGrad_(_ wanted: Bool) throws(TorchError) {
    try TorchError.check(
      pons_torch_set_requires_grad_(handle, wanted ? 1 : 0), "setRequiresGrad_", [self])
  }

  /// The same elements without the history that leads to them.
  public func detach() throws(TorchError) -> Tensor {
    try Tensor.make("detach", [self]) { pons_torch_detach(handle, $0) }
  }

  /// Adds the derivatives of this scalar to the gradients of the leaves it was computed from.
  public func backward() throws(TorchError) {
    try TorchError.check(pons_torch_backward(handle), "backward", [self])
  }

  /// The gradient of a leaf; nil before ``backward()``.
  public var grad: Tensor? {
    get throws(TorchError) {
      var found: OpaquePointer?
      try TorchError.check(pons_torch_grad(handle, &found), "grad", [self])
      return found.map(Tensor.init(handle:))
    }
  }

  /// Sets or removes the gradient of a leaf.
  public func setGrad_(_ gradient: Tensor?) throws(TorchError) {
    try TorchError.check(
      pons_torch_set_grad_(handle, gradient?.handle), "setGrad_", [self])
  }

  /// Derivatives of this scalar by tensors it was computed from, which need not be leaves; nil for one that it does not
  /// depend on.
  ///
  /// - Parameter keepGraph: whether derivatives can be asked for again.
  public func gradients(
    by inputs: [Tensor], keepGraph: Bool = false
  ) throws(TorchError) -> [Tensor?] {
    var found = [OpaquePointer?](repeating: nil, count: inputs.count)
    let result = withList(inputs) { pons_torch_gradients(handle, $0, keepGraph ? 1 : 0, &found) }
    try TorchError.check(result, "gradients", [self] + inputs)
    return found.map { $0.map(Tensor.init(handle:)) }
  }
}

/// Runs `body` on this thread without recording for derivatives, which is faster and needs less memory.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = recording(false)
  defer { _ = recording(before) }
  return try body()
}

/// Says whether this thread records; answers what was said before.
func recording(_ wanted: Bool) -> Bool { pons_torch_set_recording(wanted ? 1 : 0) != 0 }
