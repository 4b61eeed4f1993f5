internal import CTorch

extension Tensor {
  /// The same elements in another shape; one size may be -1.
  public func reshape(_ shape: [Int]) throws(TorchError) -> Tensor {
    try Tensor.make("reshape to \(shape)", [self]) { out in
      withNumbers(shape) { pons_torch_reshape(handle, $0, out) }
    }
  }
  /// The axes in another order, as a view.
  public func permute(_ axes: [Int]) throws(TorchError) -> Tensor {
    try Tensor.make("permute to \(axes)", [self]) { out in
      withNumbers(axes) { pons_torch_permute(handle, $0, out) }
    }
  }
  /// Two axes exchanged, as a view.
  public func transpose(_ first: Int = -2, _ second: Int = -1) throws(TorchError) -> Tensor {
    try Tensor.make("transpose", [self]) {
      pons_torch_transpose(handle, Int64(first), Int64(second), $0)
    }
  }
  /// Axes of size 1 repeated without a copy; -1 keeps a size.
  public func expand(_ shape: [Int]) throws(TorchError) -> Tensor {
    try Tensor.make("expand to \(shape)", [self]) { out in
      withNumbers(shape) { pons_torch_expand(handle, $0, out) }
    }
  }
  /// The axes from `first` to `last` as one.
  public func flatten(_ first: Int = 0, _ last: Int = -1) throws(TorchError) -> Tensor {
    try Tensor.make("flatten", [self]) {
      pons_torch_flatten(handle, Int64(first), Int64(last), $0)
    }
  }
  /// Without an axis of size 1.
  public func squeeze(_ axis: Int) throws(TorchError) -> Tensor {
    try Tensor.make("squeeze", [self]) { pons_torch_squeeze(handle, Int64(axis), $0) }
  }
  /// With an axis of size 1 more.
  public func unsqueeze(_ axis: Int) throws(TorchError) -> Tensor {
    try Tensor.make("unsqueeze", [self]) { pons_torch_unsqueeze(handle, Int64(axis), $0) }
  }
  /// Indices `range` of an axis, every `step`-th, as a view. Negative bounds count from the end.
  public func slice(
    _ axis: Int, from start: Int = 0, to end: Int = .max, step: Int = 1
  ) throws(TorchError) -> Tensor {
    try Tensor.make("slice", [self]) {
      pons_torch_slice(handle, Int64(axis), Int64(start), Int64(end), Int64(step), $0)
    }
  }
  /// One index of an axis, which goes, as a view.
  public func select(_ axis: Int, _ index: Int) throws(TorchError) -> Tensor {
    try Tensor.make("select", [self]) {
      pons_torch_select(handle, Int64(axis), Int64(index), $0)
    }
  }
  /// Along an axis, the elements at int64 indices `[n]`.
  public func indexSelect(_ axis: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make("indexSelect", [self, indices]) {
      pons_torch_index_select(handle, Int64(axis), indices.handle, $0)
    }
  }
  /// Along an axis, for each place the element at its int64 index.
  public func gather(_ axis: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make("gather", [self, indices]) {
      pons_torch_gather(handle, Int64(axis), indices.handle, $0)
    }
  }
  /// Tensors one after the other along an axis.
  public static func cat(_ tensors: [Tensor], _ axis: Int = 0) throws(TorchError) -> Tensor {
    try make("cat", tensors) { out in
      withList(tensors) { pons_torch_cat($0, Int64(axis), out) }
    }
  }
  /// Tensors of one shape along a new axis.
  public static func stack(_ tensors: [Tensor], _ axis: Int = 0) throws(TorchError) -> Tensor {
    try make("stack", tensors) { out in
      withList(tensors) { pons_torch_stack($0, Int64(axis), out) }
    }
  }
  /// Each index of an axis `count` times in a row.
  public func repeatInterleave(_ count: Int, _ axis: Int) throws(TorchError) -> Tensor {
    try Tensor.make("repeatInterleave", [self]) {
      pons_torch_repeat_interleave(handle, Int64(count), Int64(axis), $0)
    }
  }
  /// Axes in reverse, as a copy.
  public func flip(_ axes: [Int]) throws(TorchError) -> Tensor {
    try Tensor.make("flip", [self]) { out in
      withNumbers(axes) { pons_torch_flip(handle, $0, out) }
    }
  }
  /// Quarter turns in the plane of two axes, from the first to the second.
  public func rot90(_ turns: Int, _ first: Int, _ second: Int) throws(TorchError) -> Tensor {
    try Tensor.make("rot90", [self]) {
      pons_torch_rot90(handle, Int64(turns), Int64(first), Int64(second), $0)
    }
  }
  /// Elements moved along axes; what leaves at one end comes in at the other.
  public func roll(_ shifts: [Int], _ axes: [Int]) throws(TorchError) -> Tensor {
    try Tensor.make("roll", [self]) { out in
      withNumbers(shifts) { shifts in
        withNumbers(axes) { pons_torch_roll(handle, shifts, $0, out) }
      }
    }
  }
  /// A constant around the elements: numbers before and after, the last axis first, as PyTorch's `pad`. Negative ones cut.
  public func pad(_ amounts: [Int], value: Double = 0) throws(TorchError) -> Tensor {
    try Tensor.make("pad by \(amounts)", [self]) { out in
      withNumbers(amounts) { pons_torch_pad(handle, $0, value, out) }
    }
  }
}
