internal import CTorch

/// A source of random numbers with a seed (Mersenne Twister, as PyTorch's on the CPU). For one thread at a time.
public final class Generator: @unchecked Sendable {
  // @unchecked: used by one thread at a time, as said.
  private let handle: OpaquePointer

  /// A source that begins at a seed.
  public init(seed: UInt64) throws(TorchError) {
    var made: OpaquePointer?
    try TorchError.check(pons_torch_generator_new(seed, &made), "generator", [])
    guard let made else { throw TorchError("generator", "nothing was made") }
    handle = made
  }

  deinit { pons_torch_generator_free(handle) }

  /// Where it is in its sequence, uint8 `[n]`: with it, another generator goes on with the same numbers.
  public func state() throws(TorchError) -> Tensor {
    try Tensor.make("generator's state", []) { pons_torch_generator_state(handle, $0) }
  }

  /// Goes on where another generator was.
  public func restore(_ state: Tensor) throws(TorchError) {
    try TorchError.check(
      pons_torch_generator_set_state(handle, state.handle), "generator's state", [state])
  }

  /// Numbers spread evenly from `low` to `high` (excluded), written into a tensor.
  public func fillUniform(_ tensor: Tensor, _ low: Double, _ high: Double) throws(TorchError) {
    try TorchError.check(
      pons_torch_uniform_(tensor.handle, low, high, handle), "fillUniform", [tensor])
  }

  /// Gaussian numbers, written into a tensor.
  public func fillNormal(
    _ tensor: Tensor, mean: Double = 0, deviation: Double = 1
  ) throws(TorchError) {
    try TorchError.check(
      pons_torch_normal_(tensor.handle, mean, deviation, handle), "fillNormal", [tensor])
  }

  /// 1 with a probability, else 0, written into a tensor.
  public func fillBernoulli(_ tensor: Tensor, _ probability: Double) throws(TorchError) {
    try TorchError.check(
      pons_torch_bernoulli_(tensor.handle, probability, handle), "fillBernoulli", [tensor])
  }

  /// The numbers from 0 to `count` - 1 in random order.
  public func permutation(_ count: Int) throws -> [Int] {
    try Tensor.make("permutation", []) {
      pons_torch_permutation(Int64(count), handle, $0)
    }.array(of: Int64.self).map(Int.init)
  }
}
