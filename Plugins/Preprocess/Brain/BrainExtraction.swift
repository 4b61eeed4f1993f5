internal import PonsImaging
internal import PonsKit

/// Finds the brain in an MR volume of a head, with or without skull.
struct BrainExtraction: Sendable {
  /// How bright, between background and the brain, the inside of the surface must be.
  var threshold = 0.8
  /// Least and greatest volume of a brain in ml.
  var limits = 600.0...2500.0
  var threads = 1
  var isStopped: @Sendable () -> Bool = { false }

  /// How it went.
  struct Outcome: Sendable {
    /// Volume of the mask in ml.
    var volume: Double
    /// The skull had been taken away before.
    var wasStripped: Bool
  }

  /// Writes the mask of a brain.
  ///
  /// - Parameters:
  ///   - voxels: `[z, y, x]` on `grid`.
  ///   - mask: `[z, y, x]`, written with 0 and 1.
  /// - Throws: `StageFailure` of category `badInput`, NO_BRAIN_MASK, when what was found is not a brain's.
  func run(
    _ voxels: Voxels, on grid: Grid, to mask: UnsafeMutableBufferPointer<UInt8>
  ) throws -> Outcome {
    try refuseCT(voxels)
    guard let head = HeadImage(voxels, on: grid, threads: threads, isStopped: isStopped),
      let surface = BrainSurface(head, threshold: threshold, isStopped: isStopped)
    else { throw Self.refusal("there is nothing bright to start from") }
    surface.fill(mask, on: grid, of: head)
    let measures = SurfaceMeasures(surface, head)
    let wasStripped = measures.outsideShare < 0.25 && zeroShare(voxels) > 0.2
    if wasStripped { fillForeground(voxels, to: mask) }
    _ = Components.keep(
      .largest, in: mask, size: grid.size, connectivity: .faces, threads: threads)
    _ = Morphology.fillHoles(in: mask, size: grid.size, threads: threads)
    let count = mask.reduce(0) { $0 + Int($1) }
    let volume = Double(count) * abs(grid.affine.determinant) / 1000
    try check(volume, measures, mask, grid)
    return Outcome(volume: volume, wasStripped: wasStripped)
  }

  /// A skull-stripped volume says itself where the brain is: everywhere where it is not 0.
  private func fillForeground(_ voxels: Voxels, to mask: UnsafeMutableBufferPointer<UInt8>) {
    let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: voxels.count)
    defer { copy.deallocate() }
    LinearIntensity().apply(voxels, to: copy, threads: threads)
    for index in mask.indices { mask[index] = copy[index] == 0 ? 0 : 1 }
  }

  private func zeroShare(_ voxels: Voxels) -> Double {
    1 - Double(voxels.moments(of: .nonzero, threads: threads).count) / Double(voxels.count)
  }

  // MARK: What is not a brain

  /// Air is at -1000 HU; no MR image has much of that.
  private func refuseCT(_ voxels: Voxels) throws {
    guard let low = voxels.percentiles([2], threads: threads)?.first, low < -500 else { return }
    throw Self.refusal("the volume looks like CT: 2 % of it are below -500")
  }

  private func check(
    _ volume: Double, _ measures: SurfaceMeasures, _ mask: UnsafeMutableBufferPointer<UInt8>,
    _ grid: Grid
  ) throws {
    guard limits.contains(volume) else {
      throw Self.refusal(
        "what was found measures \(Self.shown(volume)) ml, expected \(Self.shown(limits.lowerBound)) "
          + "to \(Self.shown(limits.upperBound))", hint: "set minimum_ml and maximum_ml if this is right")
    }
    if measures.texture < Self.leastTexture {
      throw Self.refusal(
        "what was found measures \(Self.shown(volume)) ml, but is as even as a phantom")
    }
    guard let box = Voxels(UnsafeBufferPointer(mask)).nonzeroBox(grid.size) else { return }
    let edges = (0..<3).map { axis in Double(box.size[axis]) * grid.affine.spacing[axis] }.sorted()
    if edges[2] > 2.2 * edges[0] {
      throw Self.refusal(
        "what was found measures \(Self.shown(volume)) ml, but \(edges.map(Self.shown).joined(separator: " x ")) mm "
          + "is no brain's shape")
    }
  }

  /// Brains differ by a tenth and more from one place to another 8 mm away; phantoms only by noise.
  static let leastTexture = 0.05

  private static func shown(_ value: Double) -> String { String(Int(value.rounded())) }

  private static func refusal(_ message: String, hint: String = "") -> StageFailure {
    StageFailure(
      .badInput, code: "NO_BRAIN_MASK", "no brain was found: \(message)",
      hint: hint.isEmpty ? "look at the volume: is it an MR of a whole head?" : hint, port: "volume")
  }
}

/// What tells a brain's surface from another.
struct SurfaceMeasures: Sendable {
  /// Of what is brighter than background, the share that is outside of the surface.
  var outsideShare: Double
  /// Median difference of values 8 mm apart inside, as a share of their median.
  var texture: Double

  init(_ surface: BrainSurface, _ head: HeadImage) {
    let size = head.grid.size
    var mask = [UInt8](repeating: 0, count: size.count)
    mask.withUnsafeMutableBufferPointer { surface.fill($0, on: head.grid, of: head) }
    var (all, outside) = (0, 0)
    var differences: [Float] = []
    var values: [Float] = []
    let distance = Int(8 / HeadImage.spacing)
    for z in 0..<size.z {
      for y in 0..<size.y {
        for x in 0..<size.x {
          let index = size.index(x: x, y: y, z: z)
          let value = head.voxels[index]
          if Double(value) > surface.levels.background {
            all += 1
            outside += mask[index] == 0 ? 1 : 0
          }
          if mask[index] == 0 { continue }
          values.append(value)
          for step in [(x, 1), (y, size.x), (z, size.sliceCount)] where step.0 >= distance {
            let other = index - distance * step.1
            if mask[other] != 0 { differences.append(abs(value - head.voxels[other])) }
          }
        }
      }
    }
    func median(_ values: [Float]) -> Double {
      values.withUnsafeBufferPointer { Voxels($0).percentiles([50])?.first } ?? 0
    }
    outsideShare = all == 0 ? 0 : Double(outside) / Double(all)
    let middle = median(values)
    texture = middle > 0 ? median(differences) / middle : 0
  }
}
