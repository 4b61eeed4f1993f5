import PonsEngine
import PonsHost
import PonsImaging
import PonsKit
import StageHarness
import Testing

@Suite struct ResampleTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("preprocess") }

  private static let affine: [Double] = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1]
  /// A ramp along z: the value is the place in mm.
  private static let ramp = TestImage(shape: [10, 6, 5], affine: affine, type: .int16) {
    Float(4 * ($0 / 30))
  }

  private func run(
    _ parameters: [String: JSON], _ inputs: [String: Packet]
  ) throws -> [String: Packet] {
    let sent = try plugin.stage("preprocess.resample", parameters).process(inputs).record.sent
    return Dictionary(sent.map { ($0.port, $0.packet) }, uniquingKeysWith: { $1 })
  }

  @Test func `a spacing is kept exactly, and values are where they were`() throws {
    let packet = try #require(
      try run(["spacing": [0, 1, 2.5]], ["volume": Self.ramp.packet()])["volume"])
    let result = try TestImage(packet)
    #expect(result.shape == [16, 12, 5] && result.type == .float32)
    let grid = try result.grid
    #expect(grid.affine.spacing == [2, 1, 2.5])
    for z in 0..<16 {
      let place = grid.affine([0, 0, Double(z)]).z
      #expect(abs(Double(result.voxels[z * 60]) - min(max(place, 0), 36)) < 1e-4)
    }
    #expect(try packet.facts["grid"]?["lattice"] == nil)
    #expect(try packet.facts["grid"]?["source"]?["affine"]?.array?.count == 16)
  }

  @Test func `a reference's grid is taken, masks keep their labels`() throws {
    var numbers = TestNumbers(seed: 3)
    let reference = TestImage(shape: [7, 8, 9], affine: numbers.affine()) { _ in 0 }
    let mask = TestImage(shape: [10, 6, 5], affine: Self.affine, type: .uint8) {
      Float($0 / 30 / 3)
    }
    let sent = try run(
      ["fill": -50],
      [
        "volume": Self.ramp.packet(), "mask": mask.packet("mask"),
        "reference": reference.packet(),
      ])
    let volume = try TestImage(try #require(sent["volume"]))
    let labels = try TestImage(try #require(sent["mask"]))
    for image in [volume, labels] {
      #expect(image.affine == reference.affine && image.shape == reference.shape)
    }
    #expect(labels.type == .uint8 && Set(labels.voxels).isSubset(of: [0, 1, 2, 3]))
    #expect(volume.voxels.allSatisfy { $0 == -50 || (0...36).contains($0) })
  }

  @Test func `what cannot be resampled fails with a reason`() throws {
    func failure(_ parameters: [String: JSON]) -> StageFailure? {
      #expect(throws: StageFailure.self) {
        _ = try run(parameters, ["volume": Self.ramp.packet()])
      }
    }
    #expect(failure([:])?.code == "NO_SPACING")
    #expect(failure(["spacing": [1, 1]])?.parameter == "spacing")
    #expect(failure(["spacing": [1e-7]])?.code == "TOO_FINE")
  }
}
