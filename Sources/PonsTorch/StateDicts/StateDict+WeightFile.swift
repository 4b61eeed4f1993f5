public import PonsWeights

extension StateDict {
  /// The tensors of a weight file, on its memory: nothing is copied, and pages are read when they are first used.
  ///
  /// - Throws: ``TorchError`` for a type of elements that libtorch lacks, with the tensor's name.
  public init(_ file: WeightFile) throws {
    self.init(source: file.path.split(separator: "/").last.map(String.init) ?? file.path)
    for tensor in file.tensors { set(tensor.name, try Tensor.borrowing(tensor)) }
  }
}

extension Tensor {
  /// A tensor of a weight file, on the file's memory.
  ///
  /// - Throws: ``TorchError`` when libtorch lacks its type of elements.
  public static func borrowing(_ weight: WeightTensor) throws(TorchError) -> Tensor {
    guard weight.elementCount > 0, let data = weight.bytes.baseAddress else {
      return try empty(weight.shape, type: weight.type)
    }
    return try borrowing(
      data, shape: weight.shape, strides: weight.strides, type: weight.type, owner: weight.memory)
  }
}
