internal import CAM
internal import PonsKit
internal import PonsTorch
internal import TestTensors
internal import Testing

@Suite struct ActivationMapTests {
  /// Against numpy in float64; a division by small numbers in Grad-CAM++ loses digits: 1e-4 of the largest value.
  @Test(arguments: ActivationMap.allCases, ["basic", "bottleneck"])
  func `maps are those of the papers' formulas`(method: ActivationMap, name: String) throws {
    let fixture = try TensorFixture("resnet.safetensors", beside: #filePath)
    let found = try method(fixture("\(name).layer2"), fixture("\(name).gradient"))
    #expect(try relativeError(found, fixture("\(name).\(method.rawValue)")) < 1e-4)
  }

  @Test func `maps are spread from 0 to 1, and constant ones are 0`() throws {
    let maps = try Tensor.of([1, 3, 2, 5, 7, 7, 7, 7] as [Float], shape: [2, 2, 2])
    let each = try ActivationMap.normalized(maps, together: false).array(of: Float.self)
    #expect(each == [0, 0.5, 0.25, 1, 0, 0, 0, 0])
    let all = try ActivationMap.normalized(maps, together: true)
    #expect(
      try relativeError(
        all.flatten(), Tensor.of([0, 2, 1, 4, 6, 6, 6, 6].map { $0 / 6 } as [Float])) < 1e-6)
  }
}
