internal import PonsKit
internal import PonsTorch
internal import Testing

@Suite struct TensorTests {
  @Test func `an error names the operation and the shapes`() throws {
    let x = try Tensor.zeros([2, 3])
    let error = try #require(throws: TorchError.self) { try x.matmul(x) }
    #expect(error.operands == ["[2, 3] float32", "[2, 3] float32"])
    #expect(error.description.hasPrefix("matmul of [2, 3] float32 and [2, 3] float32: "))
  }
}
