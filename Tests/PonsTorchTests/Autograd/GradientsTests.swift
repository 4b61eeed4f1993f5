internal import PonsKit
internal import PonsTorch
internal import Testing

@Suite struct GradientsTests {
  private func leaf(_ values: [Float]) throws -> Tensor {
    let x = try Tensor.of(values)
    try x.setRequiresGrad_(true)
    return x
  }

  @Test func `derivatives of a sum of squares`() throws {
    let x = try leaf([1, -2, 3])
    #expect(try x.grad == nil)
    try x.pow(2).sum().backward()
    #expect(try x.grad?.array(of: Float.self) == [2, -4, 6])
    try x.pow(2).sum().backward()
    #expect(try x.grad?.array(of: Float.self) == [4, -8, 12])
    try x.setGrad_(nil)
    #expect(try x.grad == nil)
  }

  @Test func `derivatives by what is no leaf, and by what plays no part`() throws {
    let x = try leaf([1, 2])
    let middle = try x * 3
    let other = try leaf([1])
    let found = try (middle * middle).sum().gradients(by: [middle, x, other])
    #expect(try found[0]?.array(of: Float.self) == [6, 12])
    #expect(try found[1]?.array(of: Float.self) == [18, 36])
    #expect(found[2] == nil)
  }

  @Test func `nothing is recorded where no derivatives are wanted`() throws {
    let x = try leaf([1])
    let y = try withoutGradients { try x * 2 }
    #expect(!y.requiresGrad)
    #expect(try (x * 2).requiresGrad)
    #expect(!(try (x * 2).detach().requiresGrad))
    #expect(throws: TorchError.self) { try y.backward() }
    #expect(throws: TorchError.self) { try withoutGradients { try x.reshape([7]) } }
    #expect(try (x * 2).requiresGrad, "an error does not switch recording off")
  }
}
