internal import Glibc
internal import PonsKit

/// A made-up chest as CT shows it, of ellipsoids and tubes, with or without nodules in the lungs. Nothing of it is anatomy: for
/// demonstrations and tests of pipelines that are not for brains.
package struct ChestPhantom {
  /// What is drawn.
  package struct Settings: Sendable {
    /// Voxels in x, y, z.
    package var size: SIMD3<Int>
    /// Edge of a voxel in mm.
    package var spacing: Double
    /// How many nodules there are.
    package var nodules: Int
    /// Their diameter in mm.
    package var diameter: ClosedRange<Double>
    /// Standard deviation of the noise in HU.
    package var noise: Double

    package init(
      size: SIMD3<Int>, spacing: Double, nodules: Int, diameter: ClosedRange<Double>, noise: Double
    ) {
      self.size = size
      self.spacing = spacing
      self.nodules = nodules
      self.diameter = diameter
      self.noise = noise
    }
  }

  /// HU, `[z, y, x]`.
  package private(set) var voxels: [Int16]
  /// 1 where a nodule is.
  package private(set) var truth: [UInt8]
  /// From voxel indices to mm in RAS+, row by row.
  package let affine: [Double]

  private let size: SIMD3<Int>
  private let step: Double
  private let origin: SIMD3<Double>

  /// Draws a chest. The same seed gives the same chest.
  ///
  /// - Parameter checkCancelled: asked before each pass over the voxels; what it throws ends the drawing.
  package init(
    _ settings: Settings, seed: UInt64, checkCancelled: () throws -> Void = {}
  ) throws {
    var random = SplitMix64(seed: seed)
    size = settings.size
    step = settings.spacing
    origin = SIMD3(Double(1 - size.x), Double(1 - size.y), Double(1 - size.z)) * (step / 2)
    affine = [
      step, 0, 0, origin.x, 0, step, 0, origin.y, 0, 0, step, origin.z, 0, 0, 0, 1,
    ]
    let count = size.x * size.y * size.z
    voxels = [Int16](repeating: 0, count: count)
    truth = [UInt8](repeating: 0, count: count)
    let body = Body(&random)
    try checkCancelled()
    var values = [Float](repeating: 0, count: count)
    var lung: [Int] = []
    for index in 0..<count {
      let (value, isDeep) = body.value(at: place(index))
      values[index] = value
      if isDeep { lung.append(index) }
    }
    try checkCancelled()
    for side in [-1.0, 1] {
      let vessels = Vessels(
        from: SIMD3(side * 24, 0, 0), towards: SIMD3(side * 70, 0, 0), &random)
      for tube in vessels.tubes {
        let reach = SIMD3(repeating: tube.radius + step)
        draw(
          in: pointwiseMin(tube.from, tube.to) - reach, pointwiseMax(tube.from, tube.to) + reach
        ) { index, place in
          let share = Float(min(1, max(0, 0.5 - tube.distance(to: place) / step)))
          if values[index] < -300 { values[index] += share * (40 - values[index]) }
        }
      }
    }
    for _ in 0..<(lung.isEmpty ? 0 : settings.nodules) {
      let nodule = Tumour(
        centre: place(lung[random.next(below: lung.count)]), diameter: settings.diameter, &random)
      let density = Float(10 + 60 * random.nextUnit())
      draw(in: nodule.centre - nodule.reach, nodule.centre + nodule.reach) { index, place in
        let depth = nodule.depth(at: place)
        let share = Float(min(1, max(0, 0.5 + depth * 4)))
        values[index] = max(values[index], values[index] + share * (density - values[index]))
        if depth > 0, body.isLung(place) { truth[index] = 1 }
      }
    }
    try checkCancelled()
    for index in 0..<count {
      let noise = Float(random.nextGaussians().0 * settings.noise)
      voxels[index] = Int16(min(3000, max(-1024, (values[index] + noise).rounded())))
    }
  }

  private func place(_ index: Int) -> SIMD3<Double> {
    let (x, y) = (index % size.x, index / size.x % size.y)
    let z = index / (size.x * size.y)
    return origin + SIMD3(Double(x), Double(y), Double(z)) * step
  }

  /// Visits the voxels of a box that is given in mm.
  private func draw(
    in low: SIMD3<Double>, _ high: SIMD3<Double>, _ body: (Int, SIMD3<Double>) -> Void
  ) {
    let first = ((low - origin) / step).rounded(.up)
    let last = ((high - origin) / step).rounded(.down)
    func range(_ axis: Int) -> ClosedRange<Int>? {
      let (from, to) = (max(0, Int(first[axis])), min(size[axis] - 1, Int(last[axis])))
      return from <= to ? from...to : nil
    }
    guard let xs = range(0), let ys = range(1), let zs = range(2) else { return }
    for z in zs {
      for y in ys {
        for x in xs {
          body(
            (z * size.y + y) * size.x + x, origin + SIMD3(Double(x), Double(y), Double(z)) * step)
        }
      }
    }
  }
}

/// The large parts of a chest, in mm around its middle; x to the right, y to the front, z up.
private struct Body {
  private let scale: SIMD3<Double>
  private let texture: SmoothNoise
  private let heart = Ellipsoid(centre: SIMD3(-22, 22, -25), radii: SIMD3(52, 42, 48))

  init(_ random: inout SplitMix64) {
    func part() -> Double { 0.92 + 0.16 * random.nextUnit() }
    scale = SIMD3(part(), part(), part())
    texture = SmoothNoise(cells: 9, &random)
  }

  struct Ellipsoid {
    var centre: SIMD3<Double>
    var radii: SIMD3<Double>

    /// 0 in the middle, 1 at the surface.
    func radius(at place: SIMD3<Double>) -> Double {
      let p = (place - centre) / radii
      return (p * p).sum().squareRoot()
    }
  }

  /// How far a place is from the middle of its lung, 1 at the wall.
  private func lungRadius(_ place: SIMD3<Double>) -> Double {
    let side: Double = place.x < 0 ? -1 : 1
    return Ellipsoid(centre: SIMD3(side * 70, 0, 0), radii: SIMD3(54, 76, 84)).radius(at: place)
  }

  func isLung(_ place: SIMD3<Double>) -> Bool {
    let p = place / scale
    return lungRadius(p) < 1 && heart.radius(at: p) > 1
  }

  /// HU without noise, and whether a nodule may lie here.
  func value(at place: SIMD3<Double>) -> (Float, Bool) {
    let p = place / scale
    let trunk = ((p.x / 152) * (p.x / 152) + (p.y / 104) * (p.y / 104)).squareRoot()
    if trunk > 1 { return (-1000, false) }
    if trunk > 0.93 { return (-95, false) }
    let radius = lungRadius(p)
    if radius < 1, heart.radius(at: p) > 1 {
      // Denser at the back, where the patient lies.
      let value = -860 - 40 * Float(p.y / 76) + 30 * texture.value(at: p / 220 + 0.5)
      return (value, radius < 0.8 && heart.radius(at: p) > 1.25)
    }
    let spine = ((p.x * p.x) + (p.y + 68) * (p.y + 68)).squareRoot()
    if spine < 17 { return (300, false) }
    if p.z > 25, (p.x * p.x + (p.y - 5) * (p.y - 5)).squareRoot() < 8 { return (-990, false) }
    return (45, false)
  }
}
