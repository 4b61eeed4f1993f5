internal import PonsKit
package import PonsTorch
internal import PonsWeights
internal import Testing

/// The tensors of a fixture file beside a test.
package struct TensorFixture: Sendable {
  /// All of them.
  package let state: StateDict

  /// Reads `Fixtures/NAME` of the test target that `file` belongs to.
  package init(_ name: String, beside file: String) throws {
    var folder = file.split(separator: "/", omittingEmptySubsequences: false)
    while let last = folder.last, !last.hasSuffix("Tests") { folder.removeLast() }
    let path = folder.joined(separator: "/") + "/Fixtures/" + name
    state = try StateDict(WeightFile(path: path))
  }

  /// The tensor with a name; a test that asks for another fails.
  package func callAsFunction(_ name: String) throws -> Tensor {
    try #require(state[name], "\(name)")
  }
}

/// The largest difference of two tensors, divided by the largest absolute element of the second one.
///
/// - Returns: infinity when the shapes differ or an element is no number.
package func relativeError(_ found: Tensor, _ expected: Tensor) throws -> Double {
  if found.shape != expected.shape { return .infinity }
  if expected.count == 0 { return 0 }
  let found = try found.to(.float64)
  let expected = try expected.to(.float64)
  let difference = try (found - expected).abs().max().item()
  let size = try expected.abs().max().item()
  return difference.isNaN ? .infinity : difference / Swift.max(size, 1e-30)
}
