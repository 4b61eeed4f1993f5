import PonsEngine
import PonsHost
import PonsImaging
import PonsKit
import StageHarness
import Testing

/// Heads of ellipsoids: scalp, skull, and a brain with folds and ventricles. How it does on real heads is not measured here.
@Suite struct BrainMaskTests {
  private let plugin: PluginUnderTest
  init() throws { plugin = try PluginUnderTest("preprocess") }

  /// Intensities of scalp, skull, fluid, grey and white matter.
  struct Contrast: Sendable, CustomTestStringConvertible {
    let name: String
    var scalp: Float, skull: Float, fluid: Float, grey: Float, white: Float
    var testDescription: String { name }
  }

  static let contrasts = [
    Contrast(name: "T1", scalp: 160, skull: 15, fluid: 30, grey: 80, white: 110),
    Contrast(name: "T2", scalp: 90, skull: 15, fluid: 180, grey: 110, white: 80),
    Contrast(name: "FLAIR", scalp: 110, skull: 12, fluid: 35, grey: 100, white: 80),
  ]

  private func head(
    _ contrast: Contrast, hasSkull: Bool = true, affine: [Double], shape: [Int]
  ) throws -> (image: TestImage, brain: [Bool]) {
    var numbers = TestNumbers(seed: 9)
    var image = TestImage(shape: shape, affine: affine) { _ in 0 }
    let grid = try image.grid
    var brain = [Bool](repeating: false, count: image.voxels.count)
    for z in 0..<shape[0] {
      for y in 0..<shape[1] {
        for x in 0..<shape[2] {
          let place = grid.affine([Double(x), Double(y), Double(z)])
          func radius(_ axes: SIMD3<Double>) -> Double {
            let scaled = place / axes
            return (scaled * scaled).sum().squareRoot()
          }
          let index = grid.size.index(x: x, y: y, z: z)
          let inside = radius([65, 82, 60])
          brain[index] = inside < 1
          var value: Float = 0
          if inside < 1 {
            // Folds: bands some centimetres wide.
            let fold =
              Int((place.x + 200) / 9) + Int((place.y + 200) / 11) + Int((place.z + 200) / 10)
            value =
              radius([20, 30, 15]) < 1
              ? contrast.fluid : fold % 2 == 0 ? contrast.grey : contrast.white
          } else if hasSkull {
            value =
              radius([73, 90, 68]) < 1
              ? contrast.skull : radius([79, 96, 74]) < 1 ? contrast.scalp : 0
          }
          if value > 0 || hasSkull { value = abs(value + Float(numbers.next() - 0.5) * 10) }
          image.voxels[index] = value
        }
      }
    }
    return (image, brain)
  }

  private static let upright: [Double] = [3, 0, 0, -105, 0, 3, 0, -120, 0, 0, 3, -105, 0, 0, 0, 1]

  private func found(_ image: TestImage, _ metadata: [String: JSON] = [:]) throws -> Packet {
    let call = try plugin.stage("preprocess.brain-mask").process([
      "volume": image.packet(metadata: metadata)
    ])
    return try #require(call.record.sent.first?.packet)
  }

  private func dice(_ mask: TestImage, _ brain: [Bool]) -> Double {
    let both = zip(mask.voxels, brain).count { $0 == 1 && $1 }
    let all = mask.voxels.count { $0 == 1 } + brain.count { $0 }
    return 2 * Double(both) / Double(all)
  }

  @Test(arguments: contrasts, [true, false])
  func `the brain is found, with and without skull`(contrast: Contrast, hasSkull: Bool) throws {
    let (image, brain) = try head(
      contrast, hasSkull: hasSkull, affine: Self.upright, shape: [70, 80, 70])
    let packet = try found(image, ["nifti": ["display_range": [0, 99]]])
    let mask = try TestImage(packet)
    #expect(mask.shape == image.shape && mask.affine == image.affine && mask.type == .uint8)
    #expect(Set(mask.voxels) == [0, 1])
    #expect(dice(mask, brain) > (hasSkull ? 0.93 : 0.999))
    let facts = try packet.facts
    #expect(facts["labels"] == ["brain"] && facts["modality"] == "MR")
    #expect(facts["brain"]?["was_stripped"] == .bool(!hasSkull))
    #expect(facts["nifti"]?["display_range"] == [0.0, 0.0])
  }

  @Test func `any orientation and thick slices do`() throws {
    // Sagittal slices of 5 mm from right to left, rows from head to foot, tilted.
    let affine: [Double] = [
      0, 0, -5, 100, 1.9, 0.5, 0, -130, 0.5, -1.9, 0, 105, 0, 0, 0, 1,
    ]
    let (image, brain) = try head(Self.contrasts[0], affine: affine, shape: [40, 110, 110])
    let mask = try TestImage(try found(image))
    #expect(dice(mask, brain) > 0.92)
    #expect(try TestImage(try found(image)) == mask)
  }

  @Test func `what is no brain is refused`() throws {
    func failure(_ image: TestImage, _ metadata: [String: JSON] = [:]) -> StageFailure? {
      #expect(throws: StageFailure.self) { _ = try found(image, metadata) }
    }
    func ball(_ radius: Double, _ value: Float, outside: Float = 0) throws -> TestImage {
      var image = TestImage(shape: [70, 80, 70], affine: Self.upright) { _ in outside }
      let grid = try image.grid
      for index in image.voxels.indices {
        let place = grid.affine([
          Double(index % 70), Double(index / 70 % 80), Double(index / 5600),
        ])
        if (place * place).sum() < radius * radius { image.voxels[index] = value }
      }
      return image
    }
    let small = failure(try ball(40, 100))
    #expect(small?.code == "NO_BRAIN_MASK" && small?.category == .badInput)
    #expect(small?.message.contains("ml, expected 600 to 2500") == true)
    #expect(failure(try ball(75, 100))?.message.contains("phantom") == true)
    #expect(failure(try ball(100, 100))?.message.contains("ml, expected 600 to 2500") == true)
    #expect(failure(try ball(75, 40, outside: -1000))?.message.contains("CT") == true)
    #expect(failure(try ball(75, 100), ["modality": "CT"])?.message.contains("CT") == true)
    for value in [0, 7, Float.nan, .infinity] {
      let even = TestImage(shape: [20, 20, 20], affine: Self.upright) { _ in value }
      #expect(failure(even)?.code == "NO_BRAIN_MASK")
    }
  }
}
