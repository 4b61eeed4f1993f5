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
      let surface = BrainSurface(
        head, threshold: threshold, threads: threads, isStopped: isStopped)
    else { throw Self.refusal("there is nothing bright to start from") }
    surface.fill(mask, on: grid, of: head)
    let measures = SurfaceMeasures(surface, head)
    let wasStripped = measures.outsideShare < Self.greatestOutsideShare && zeroShare(voxels) > 0.2
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

  /// With skull and scalp, half of what is bright is outside of the brain; without, a fifth that the surface has cut
  /// off.
  private static let greatestOutsideShare = 0.35

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
          + "to \(Self.shown(limits.upperBound))",
        hint: "set minimum_ml and maximum_ml if this is right")
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
      hint: hint.isEmpty ? "look at the volume: is it an MR of a whole head?" : hint, port: "volume"
    )
  }
}
