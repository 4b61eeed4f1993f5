/// Attention with several heads: softmax(q k^T / sqrt(d)) v for each, joined and projected.
///
/// The projections are layers of their own (`q_proj`, `k_proj`, `v_proj`, `out_proj`), as most weight files have them.
/// Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.2.
public final class MultiHeadAttention: Layer {
  private let q: Linear
  private let k: Linear
  private let v: Linear
  private let out: Linear
  private let heads: Int

  /// - Parameters:
  ///   - width: features of queries, keys, values and result.
  ///   - inner: features inside, split among the heads; nil means `width`.
  public init(_ width: Int, heads: Int, inner: Int? = nil) {
    let inner = inner ?? width
    q = Linear(width, inner)
    k = Linear(width, inner)
    v = Linear(width, inner)
    out = Linear(inner, width)
    self.heads = heads
  }

  /// The four projections.
  public func list(in members: inout Members) {
    members.add("q_proj", q)
    members.add("k_proj", k)
    members.add("v_proj", v)
    members.add("out_proj", out)
  }

  /// Queries `[b, n, width]`, keys and values `[b, m, width]`, bias broadcast to `[b, heads, n, m]` -> `[b, n, width]`.
  public func callAsFunction(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, bias: Tensor? = nil
  ) throws(TorchError) -> Tensor {
    let result = try split(q(queries)).attention(split(k(keys)), split(v(values)), bias: bias)
    return try out(result.transpose(1, 2).flatten(2))
  }

  private func split(_ x: Tensor) throws(TorchError) -> Tensor {
    try x.reshape([x.shape[0], x.shape[1], heads, -1]).transpose(1, 2)
  }
}
