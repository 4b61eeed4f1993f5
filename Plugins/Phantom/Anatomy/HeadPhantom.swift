internal import Glibc
internal import PonsImaging
internal import PonsKit

/// A FLAIR-like head on real anatomy, with or without a made-up tumour. Synthetic: for demonstrations and tests, never for
/// judging how good a method is on patients.
package struct HeadPhantom {
  /// What is drawn.
  package struct Settings: Sendable {
    /// Voxels in x, y, z.
    package var size: SIMD3<Int>
    /// Edge of a voxel in mm.
    package var spacing: Double
    /// Whether there is a tumour.
    package var hasTumour: Bool
    /// Its diameter in mm.
    package var diameter: ClosedRange<Double>
    /// Largest relative change of brightness over the image.
    package var bias: Double
    /// Deviation of the noise, in units of the brain's mean.
    package var noise: Double

    package init(
      size: SIMD3<Int>, spacing: Double, hasTumour: Bool, diameter: ClosedRange<Double>,
      bias: Double, noise: Double
    ) {
      self.size = size
      self.spacing = spacing
      self.hasTumour = hasTumour
      self.diameter = diameter
      self.bias = bias
      self.noise = noise
    }
  }

  /// Intensities, `[z, y, x]`; the brain's mean is about 600.
  package let voxels: [UInt16]
  /// 1 where the tumour is, core included.
  package let truth: [UInt8]
  /// From voxel indices to mm in RAS+, row by row.
  package let affine: [Double]

  /// Draws a head. The same seed gives the same head with any number of threads.
  ///
  /// - Parameter checkCancelled: asked before each pass over the voxels; what it throws ends the drawing.
  package init(
    _ template: HeadTemplate, _ settings: Settings, seed: UInt64, threads: Int,
    checkCancelled: () throws -> Void = {}
  ) throws {
    try checkCancelled()
    var random = SplitMix64(seed: seed)
    let size = settings.size
    let step = settings.spacing
    let extent = SIMD3(Double(size.x), Double(size.y), Double(size.z)) * step
    let origin = template.centre - extent / 2 + step / 2
    affine = [
      step, 0, 0, origin.x, 0, step, 0, origin.y, 0, 0, step, origin.z, 0, 0, 0, 1,
    ]
    @Sendable func place(_ index: Int) -> SIMD3<Double> {
      let x = index % size.x
      let y = index / size.x % size.y
      let z = index / (size.x * size.y)
      return origin + SIMD3(Double(x), Double(y), Double(z)) * step
    }
    let count = size.x * size.y * size.z
    let sliceCount = size.x * size.y
    let deformation = Deformation(centre: template.centre, extent: extent, &random)
    let tissue = Self.filled(count, sliceCount, threads) { index in
      template.value(at: deformation(place(index)))
    }
    try checkCancelled()
    let brain = tissue.indices.filter { tissue[$0] > 0.05 }
    let mean = brain.reduce(Float(0)) { $0 + tissue[$1] } / Float(max(1, brain.count))
    let depth = Self.depth(tissue, size, step, threads)
    try checkCancelled()
    let deep = brain.filter { depth[$0] > 12 }
    let spots = BrightSpots(among: deep.map(place), &random)
    let lesion =
      settings.hasTumour && !deep.isEmpty
      ? Tumour(
        centre: place(deep[random.next(below: deep.count)]), diameter: settings.diameter, &random)
      : nil
    let bias = BiasField(strength: settings.bias, &random)
    let rim = Float(0.1 + 0.25 * random.nextUnit())
    let noiseSeed = random.next()
    try checkCancelled()
    // A tumour ends where the brain ends.
    let inside = Self.filled(count, sliceCount, threads) { index -> UInt8 in
      guard let lesion, tissue[index] > 0.05 else { return 0 }
      return lesion.depth(at: place(index)) > 0 ? 1 : 0
    }
    try checkCancelled()
    truth = inside
    voxels = Self.filled(count, sliceCount, threads) { index -> UInt16 in
      // Noise of a voxel depends on its index alone, whichever thread draws it.
      var noise = SplitMix64(seed: noiseSeed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15)
      let at = place(index)
      var value = tissue[index]
      if value <= 0.05 { return 0 }
      value *= spots.factor(at: at)
      // The outermost layer is brighter, as partial volume and flow make it.
      value *= 1 + rim * Float(exp(-depth[index] / 2))
      if let lesion {
        let inner = lesion.depth(at: at)
        if inner > -0.5 { value = lesion.intensity(value, mean: mean, depth: inner, at: at) }
      }
      value *= bias.factor(at: (at - origin) / extent)
      value = RicianNoise(deviation: Float(settings.noise) * mean).apply(value, &noise)
      return UInt16(min(4095, max(1, value / mean * 600)))
    }
  }

  /// Distance in mm of each voxel of the brain to the outside.
  private static func depth(
    _ tissue: [Float], _ size: SIMD3<Int>, _ step: Double, _ threads: Int
  ) -> [Float] {
    let brain = tissue.map { UInt8($0 > 0.05 ? 1 : 0) }
    return Array(unsafeUninitializedCapacity: brain.count) { distances, filled in
      filled = brain.count
      brain.withUnsafeBufferPointer {
        DistanceTransform.compute(
          $0, size: GridSize(x: size.x, y: size.y, z: size.z), spacing: SIMD3(repeating: step),
          border: .target,
          into: UnsafeMutableBufferPointer(rebasing: distances[..<brain.count]), threads: threads)
      }
    }
  }

  /// An array whose elements are computed by index, slice by slice in parallel.
  private static func filled<Element: BitwiseCopyable & Sendable>(
    _ count: Int, _ sliceCount: Int, _ threads: Int,
    _ element: @Sendable (Int) -> Element
  ) -> [Element] {
    Array(unsafeUninitializedCapacity: count) { buffer, filled in
      filled = count
      guard let base = buffer.baseAddress else { return }
      nonisolated(unsafe) let output = base
      Parallel.forEach(count / sliceCount, threads: threads) { z in
        for index in z * sliceCount..<(z + 1) * sliceCount {
          (output + index).initialize(to: element(index))
        }
      }
    }
  }
}
