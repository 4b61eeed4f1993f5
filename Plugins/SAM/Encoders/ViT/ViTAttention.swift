internal import PonsTorch

/// Attention over a square of positions with decomposed relative positions:
/// softmax(q k^T / sqrt(d) + q . rh[y - y'] + q . rw[x - x']) v for each head.
///
/// Source: Li et al., "MViTv2", 2022, section 4.1.
final class ViTAttention: Layer {
  private let qkv: Linear
  private let projection: Linear
  private let vertical: Parameter
  private let horizontal: Parameter
  private let heads: Int
  private let size: Int
  /// `[size, d, size]`: of each row of queries, what the tables say for each row of keys; columns likewise.
  private var rows: Tensor?
  private var columns: Tensor?

  init(_ width: Int, heads: Int, size: Int) {
    qkv = Linear(width, 3 * width)
    projection = Linear(width, width)
    vertical = Parameter([2 * size - 1, width / heads], .constant(0))
    horizontal = Parameter([2 * size - 1, width / heads], .constant(0))
    self.heads = heads
    self.size = size
  }

  func list(in members: inout Members) {
    members.add("rel_pos_h", vertical)
    members.add("rel_pos_w", horizontal)
    members.add("qkv", qkv)
    members.add("proj", projection)
  }

  func freeze() throws(TorchError) {
    let offsets = (0..<size).flatMap { query in
      (0..<size).map { key in Int64(query - key + size - 1) }
    }
    let indices = try Tensor.of(offsets, shape: [size, size])
    rows = try vertical.value.rows(indices).transpose(1, 2).contiguous()
    columns = try horizontal.value.rows(indices).transpose(1, 2).contiguous()
  }

  /// `[b, size, size, width]`, unchanged in shape.
  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    guard let rows, let columns else { throw TorchError("attention", "the network is not frozen") }
    let shape = x.shape
    let (b, count) = (shape[0], size * size)
    let parts = try qkv(x).reshape([b, count, 3, heads, -1]).permute([2, 0, 3, 1, 4])
      .reshape([3, b * heads, count, -1])
    let q = try parts.select(0, 0)
    let k = try parts.select(0, 1).transpose()
    let v = try parts.select(0, 2)
    let scale = 1 / Double(q.shape[2]).squareRoot()
    // Scores are the largest tensor by far: so many queries at a time that they stay in the cache.
    let chunk = max(1, min(b * heads, (1 << 22) / (count * count)))
    let lines = max(1, min(size, (1 << 22) / (chunk * size * count)))
    let result = try Tensor.empty([b * heads, size, size, q.shape[2]])
    for first in stride(from: 0, to: b * heads, by: chunk) {
      let some = first..<min(first + chunk, b * heads)
      let keys = try k.slice(0, from: some.lowerBound, to: some.upperBound)
      let values = try v.slice(0, from: some.lowerBound, to: some.upperBound)
      let square = try q.slice(0, from: some.lowerBound, to: some.upperBound)
        .reshape([some.count, size, size, -1])
      for line in stride(from: 0, to: size, by: lines) {
        let end = min(line + lines, size)
        let queries = try square.slice(1, from: line, to: end)
        let bias = try positions(queries, rows.slice(0, from: line, to: end), columns)
        let flat = try queries.reshape([some.count, (end - line) * size, -1])
        let scores = try bias.baddbmm(flat, keys, alpha: scale).softmax(-1)
        try result.slice(0, from: some.lowerBound, to: some.upperBound).slice(
          1, from: line, to: end
        )
        .copy_(scores.matmul(values).reshape(queries.shape))
      }
    }
    return try projection(
      result.reshape([b, heads, size, size, -1]).permute([0, 2, 3, 1, 4]).reshape(shape))
  }

  /// What positions add to the scores of some lines of queries `[b, lines, size, d]`: `[b, lines * size, size * size]`.
  private func positions(
    _ queries: Tensor, _ rows: Tensor, _ columns: Tensor
  ) throws(TorchError) -> Tensor {
    let (b, lines) = (queries.shape[0], queries.shape[1])
    // One product for each line, of all queries in it: [lines, b * size, d] by [lines, d, size].
    let byRow = try queries.transpose(0, 1).reshape([lines, b * size, -1]).matmul(rows)
      .reshape([lines, b, size, size, 1]).transpose(0, 1)
    let byColumn = try queries.permute([2, 0, 1, 3]).reshape([size, b * lines, -1])
      .matmul(columns).reshape([size, b, lines, 1, size]).permute([1, 2, 0, 3, 4])
    return try (byRow + byColumn).reshape([b, lines * size, size * size])
  }
}
