import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import TestFolders
import Testing

/// Chests of ellipsoids. How it does on real ones is not measured here.
@Suite struct LungMaskTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("preprocess") }

  private static let shape = [20, 28, 36]
  private static let affine: [Double] = [8, 0, 0, 0, 0, 8, 0, 0, 0, 0, 10, 0, 0, 0, 0, 1]

  /// The chest of Fixtures/make_lungs.py: lungs with vessels, a nodule at the wall, and a trachea.
  private static let chest = TestImage(shape: shape, affine: affine, type: .int16) { index in
    let (x, y, z) = (index % 36, index / 36 % 28, index / (36 * 28))
    let (dx, dy, dz) = (2 * Double(x) - 35, 2 * Double(y) - 27, 2 * Double(z) - 19)
    let side: Double = dx < 0 ? -1 : 1
    func square(_ value: Double) -> Double { value * value }
    if abs(dx) < 3, abs(dy - 2) < 3, dz > 5 { return -990 }
    if square(dx + 26) + dy * dy + dz * dz < 16 { return 40 }
    if square((dx - side * 16) / 12) + square(dy / 18) + square(dz / 17) < 1 {
      return (x * 7 + y * 5 + z * 3) % 11 == 0 ? 40 : -850
    }
    return square(dx / 34) + square(dy / 26) < 1 ? 40 : -1000
  }

  private func mask(
    _ image: TestImage, _ parameters: [String: JSON] = [:], modality: JSON = "CT"
  ) throws -> Packet {
    let call = try plugin.stage("preprocess.lung-mask", parameters)
      .process(["volume": image.packet(metadata: ["modality": modality])])
    return try #require(call.record.sent.first { $0.port == "mask" }?.packet)
  }

  @Test func `the mask is that of scipy's operations`() throws {
    let text = try Files.read(
      (#filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined())
        + "/Fixtures/lungs.txt")
    let runs = String(decoding: text, as: UTF8.self).split { $0 == " " || $0 == "\n" }
      .compactMap { Int($0) }
    let expected = runs.enumerated().flatMap { place, count in
      [UInt8](repeating: place.isMultiple(of: 2) ? 0 : 1, count: count)
    }
    let packet = try mask(Self.chest, ["closing": 17])
    #expect(packet.values(of: "voxels", UInt8.self) == expected)
    #expect(try packet.facts["lungs"]?["volume_ml"]?.number == 2430.7)
    #expect(try packet.facts["labels"] == ["lung"])
  }

  @Test(arguments: [JSON.string("MR"), .null]) func `what is no CT is refused`(modality: JSON)
    throws
  {
    let error = try #require(throws: StageFailure.self) {
      try mask(Self.chest, modality: modality)
    }
    #expect(error.code == "NO_LUNG_MASK")
    #expect(error.message.contains("not CT"))
  }

  @Test func `a CT without lungs is refused, and what was found is said`() throws {
    let leg = TestImage(shape: Self.shape, affine: Self.affine, type: .int16) { index in
      (10..<26).contains(index % 36) ? 40 : -1000
    }
    let error = try #require(throws: StageFailure.self) { try mask(leg) }
    #expect(error.code == "NO_LUNG_MASK")
    #expect(error.message.contains("measures 0 ml, expected 1000 to 12000"))
    let small = try #require(throws: StageFailure.self) {
      try mask(Self.chest, ["minimum_ml": 4000])
    }
    #expect(small.message.contains("expected 4000 to 12000"))
  }

  @Test func `voxels that are no numbers are no air`() throws {
    var image = Self.chest
    image.type = .float32
    let plain = try mask(image).values(of: "voxels", UInt8.self)
    image.voxels[0] = .nan
    #expect(try mask(image).values(of: "voxels", UInt8.self) == plain)
  }

  @Test func `limits that contradict each other are refused when the graph is made`() throws {
    let error = try #require(throws: StageFailure.self) {
      try mask(Self.chest, ["minimum_ml": 5000, "maximum_ml": 4000])
    }
    #expect(error.parameter == "minimum_ml")
  }
}
