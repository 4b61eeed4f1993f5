internal import Phantom
internal import PonsEngine
internal import PonsHost
internal import PonsKit
internal import StageHarness
internal import Testing

@Suite struct HeadPhantomTests {
  /// A ball of 60 mm with a darker middle, instead of a head.
  private static let template: HeadTemplate = {
    let n = 64
    var voxels = [Float](repeating: 0, count: n * n * n)
    for z in 0..<n {
      for y in 0..<n {
        for x in 0..<n {
          let (a, b, c) = (Double(x) - 31.5, Double(y) - 31.5, Double(z) - 31.5)
          let radius = (a * a + b * b + c * c).squareRoot() * 2.5
          if radius < 70 { voxels[(z * n + y) * n + x] = radius < 20 ? 0.3 : 0.8 }
        }
      }
    }
    return HeadTemplate(
      size: SIMD3(n, n, n), spacing: SIMD3(repeating: 2.5), origin: SIMD3(repeating: -78.75),
      voxels: voxels)
  }()

  private static func phantom(
    seed: UInt64, tumour: Bool = true, noise: Double = 0.04, threads: Int = 1
  ) throws -> HeadPhantom {
    try HeadPhantom(
      template,
      HeadPhantom.Settings(
        size: SIMD3(40, 42, 38), spacing: 4, hasTumour: tumour, diameter: 24...40, bias: 0.2,
        noise: noise), seed: seed, threads: threads)
  }

  @Test func `the same seed gives the same head with any number of threads`() throws {
    let first = try Self.phantom(seed: 3)
    let second = try Self.phantom(seed: 3, threads: 2)
    #expect(first.voxels == second.voxels && first.truth == second.truth)
    #expect(try Self.phantom(seed: 4).voxels != first.voxels)
  }

  @Test func `a tumour lies in the brain, is brighter, and has a volume as asked for`() throws {
    for seed in UInt64(1)...12 {
      let head = try Self.phantom(seed: seed)
      let inside = head.truth.indices.filter { head.truth[$0] == 1 }
      #expect(inside.allSatisfy { head.voxels[$0] > 0 })
      // Between a fifth of the smallest ball and three times the largest: shapes are irregular and end with the brain.
      let volume = Double(inside.count) * 64
      #expect((1_400.0...100_000).contains(volume), "seed \(seed): \(volume) mm^3")
      func mean(_ indices: [Int]) -> Double {
        indices.reduce(0) { $0 + Double(head.voxels[$1]) } / Double(max(1, indices.count))
      }
      let healthy = head.truth.indices.filter { head.truth[$0] == 0 && head.voxels[$0] > 0 }
      let bright = inside.filter { head.voxels[$0] > 350 }  // without a core
      #expect(mean(bright) > 1.1 * mean(healthy), "seed \(seed)")
    }
  }

  @Test func `healthy heads have no tumour`() throws {
    #expect(try Self.phantom(seed: 5, tumour: false).truth.allSatisfy { $0 == 0 })
  }

  @Test func `background stays 0, noise is what was asked for`() throws {
    let clean = try Self.phantom(seed: 6, noise: 0)
    let noisy = try Self.phantom(seed: 6, noise: 0.05)
    #expect(zip(clean.voxels, noisy.voxels).allSatisfy { ($0 == 0) == ($1 == 0) })
    let brain = clean.voxels.indices.filter { clean.voxels[$0] > 300 }
    let squares = brain.reduce(0.0) {
      let difference = Double(noisy.voxels[$1]) - Double(clean.voxels[$1])
      return $0 + difference * difference
    }
    // 0.05 of a mean of 600.
    #expect(abs((squares / Double(brain.count)).squareRoot() - 30) < 2)
  }
}

@Suite struct PhantomBrainTests {
  @Test func `sizes that cannot be are refused when the graph is made`() throws {
    let plugin = try PluginUnderTest("phantom")
    for (name, value) in [("size", JSON.array([8, 8])), ("diameter", JSON.array([40, 20]))] {
      let error = try #require(throws: StageFailure.self) {
        try plugin.stage("phantom.brain", [name: value])
      }
      #expect(error.parameter == name)
    }
  }

  @Test func `a template that is not there is named with what to install`() throws {
    let stage = try PluginUnderTest("phantom")
      .stage("phantom.brain", ["template": "/nowhere/head.nii.gz"])
    #expect(try stage.cases().count == 32)
    let error = try #require(throws: StageFailure.self) { try stage.read("phantom-001") }
    #expect(error.code == "NO_TEMPLATE")
    #expect(error.hint.contains("mricron-data"))
  }
}
