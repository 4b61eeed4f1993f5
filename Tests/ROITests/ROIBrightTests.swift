import PonsEngine
import PonsHost
import PonsKit
import ReferenceTables
import StageHarness
import Testing

@Suite struct ROIBrightTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("roi") }

  private static let affine: [Double] = [1.5, 0, 0, 1, 0, 2, 0, 1, 0, 0, 3, 1, 0, 0, 0, 1]

  private func packet<Element>(
    _ kind: String, _ type: ElementType, _ values: [Element], _ shape: [Int]
  ) throws -> Packet {
    try .of(
      kind,
      [
        (TensorRequest("voxels", type, shape), values.withUnsafeBytes { Array($0) }),
        (TensorRequest("affine", .float64, [4, 4]), Self.affine.withUnsafeBytes { Array($0) }),
      ], metadata: ["modality": "MR", "rescale": true, "labels": ["brain"], "grid": ["x": 1]],
      sidecar: ["from": "y"])
  }

  /// scipy smooths axis by axis in another order; voxels are far enough from the limit for the difference in the last digits.
  @Test(arguments: 0..<3) func `regions are those of scipy`(number: Int) throws {
    let table = try ReferenceTable("roi.txt")
    let settings = try table.numbers("bright.\(number).settings")
    let shape = try table.numbers("bright.\(number).shape").map { Int($0) }
    let image = try table.numbers("bright.\(number).image").map { Float($0) }
    let brain = try table.numbers("bright.\(number).brain").map { UInt8($0) }
    let stage = try plugin.stage(
      "roi.bright",
      [
        "percentile": .number(settings[0]), "smoothing": .number(settings[1]),
        "opening": .bool(settings[2] == 1), "keep": .number(settings[3]),
      ])
    let sent = try stage.process([
      "volume": packet("volume", .float32, image, shape),
      "brain": packet("mask", .uint8, brain, shape),
    ]).record.sent
    let region = try #require(sent.first?.packet)
    let expected = try table.numbers("bright.\(number).region")
    #expect(region.values(of: "voxels", UInt8.self).map(Double.init) == expected)
    #expect(expected.contains(1))
    #expect(try region.facts["grid"] == ["x": 1] && region.sidecar == #"{"from":"y"}"#)
  }

  @Test func `without a mask what is 0 is no brain, and an empty image has no region`() throws {
    var image = [Float](repeating: 0, count: 64)
    func region() throws -> [UInt8] {
      let stage = try plugin.stage(
        "roi.bright", ["percentile": 50, "smoothing": 0, "opening": false, "keep": 0])
      let call = try stage.process(["volume": packet("volume", .float32, image, [4, 4, 4])])
      return try #require(call.record.sent.first?.packet).values(of: "voxels", UInt8.self)
    }
    #expect(try region().allSatisfy { $0 == 0 })
    for index in 0..<4 { image[index] = Float(index + 1) }
    // Of 1, 2, 3 and 4 the median is 2.5.
    #expect(try region().prefix(4) == [0, 0, 1, 1] && region().reduce(0, +) == 2)
    image[9] = .nan
    #expect(try region().prefix(4) == [0, 0, 1, 1])
  }
}
