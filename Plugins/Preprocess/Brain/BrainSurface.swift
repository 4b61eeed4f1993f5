internal import Glibc
internal import PonsImaging

/// A surface that grows inside of a head until it meets the skull: Smith, "Fast robust automated brain extraction", Human
/// Brain Mapping 17 (2002), with the constants of the paper.
///
/// Points move towards where they lie evenly (u1), where the surface is smooth (u2), and outwards as long as everything just inside
/// is bright, inwards where something there is dark (u3). Only bright inside and dark skull are assumed, so it takes T1, T2 and FLAIR.
struct BrainSurface: Sendable {
  /// Points in mm from the centre of the image's first voxel, along its axes.
  private(set) var points: [SIMD3<Double>]
  let mesh: SphereMesh

  /// What is known of the intensities.
  struct Levels: Sendable {
    /// 2nd and 98th percentile.
    var low: Double
    var high: Double
    /// What is darker is background.
    var background: Double
    /// Median of what is near the middle.
    var median: Double
  }

  let levels: Levels

  /// Nil when there is nothing to start from.
  init?(
    _ image: HeadImage, threshold: Double, iterations: Int = 600, divisions: Int = 4,
    depth: (Double, Double) = (7, 3), headHeight: Double = 170, isStopped: () -> Bool = { false }
  ) {
    guard let start = Start(image, headHeight: headHeight) else { return nil }
    levels = start.levels
    mesh = SphereMesh(divisions: divisions)
    points = mesh.points.map { $0 * (start.radius / 2) + start.centre }
    for iteration in 0..<iterations {
      if iteration % 50 == 0, isStopped() { return nil }
      move(image, threshold, depth)
    }
  }

  private mutating func move(_ image: HeadImage, _ threshold: Double, _ depth: (Double, Double)) {
    let normals = normals
    var length = 0.0
    var edges = 0
    for (point, neighbours) in mesh.neighbours.enumerated() {
      for other in neighbours { length += Self.length(points[other] - points[point]) }
      edges += neighbours.count
    }
    length /= Double(edges)
    // Radii of curvature between which smoothing sets in, mm.
    let (least, most) = (3.33, 10.0)
    let middle = (1 / least + 1 / most) / 2
    let slope = 6 / (1 / least - 1 / most)
    let size = image.grid.size
    var moved = points
    image.voxels.withUnsafeBufferPointer { voxels in
      for index in points.indices {
        let point = points[index]
        let normal = normals[index]
        let neighbours = mesh.neighbours[index]
        var mean = SIMD3<Double>.zero
        for other in neighbours { mean += points[other] }
        let difference = mean / Double(neighbours.count) - point
        let along = (difference * normal).sum()
        let tangential = difference - along * normal
        let curvature = 2 * abs(along) / (length * length)
        let smoothing = (1 + tanh(slope * (curvature - middle))) / 2
        var darkest = levels.median
        var brightest = levels.background
        var step = 0.0
        while step <= depth.0 {
          let value = HeadImage.value(point - step * normal, voxels, size).map(Double.init)
          darkest = min(darkest, value ?? levels.low)
          if step <= depth.1 { brightest = max(brightest, value ?? levels.low) }
          step += HeadImage.spacing / 2
        }
        darkest = max(levels.low, darkest)
        brightest = min(levels.median, brightest)
        let range = max(brightest - levels.low, 1e-9)
        let limit = range * threshold + levels.low
        let force = 2 * (darkest - limit) / range
        moved[index] =
          point + 0.5 * tangential + smoothing * along * normal + 0.05 * force * length * normal
      }
    }
    points = moved
  }

  /// Directions outwards, of length 1.
  private var normals: [SIMD3<Double>] {
    var normals = [SIMD3<Double>](repeating: .zero, count: points.count)
    for triangle in mesh.triangles {
      let (a, b, c) = (points[triangle.x], points[triangle.y], points[triangle.z])
      let normal = Self.cross(b - a, c - a)
      normals[triangle.x] += normal
      normals[triangle.y] += normal
      normals[triangle.z] += normal
    }
    return normals.map { $0 / max(Self.length($0), 1e-12) }
  }

  private static func length(_ v: SIMD3<Double>) -> Double { (v * v).sum().squareRoot() }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    [a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x]
  }
}

/// Where the surface starts: the centre of gravity of what is bright, with half the radius of a ball as large.
private struct Start {
  var levels: BrainSurface.Levels
  var centre: SIMD3<Double>
  var radius: Double

  init?(_ image: HeadImage, headHeight: Double) {
    let size = image.grid.size
    guard
      let found = image.voxels.withUnsafeBufferPointer({ Voxels($0).percentiles([2, 98]) }),
      found[1] > found[0]
    else { return nil }
    let (low, high) = (found[0], found[1])
    let background = low + 0.1 * (high - low)
    // The neck would draw the centre down: only the upper part of a head counts.
    let area = HeadImage.spacing * HeadImage.spacing
    let areas = (0..<size.z).map { z in
      let slice = image.voxels[z * size.sliceCount..<(z + 1) * size.sliceCount]
      return Double(slice.count { Double($0) > background }) * area
    }
    let top = areas.lastIndex { $0 > 1000 } ?? size.z - 1
    let bottom = max(0, top - Int(headHeight / HeadImage.spacing))
    var sum = SIMD3<Double>.zero
    var weights = 0.0
    var count = 0
    for z in bottom...max(bottom, top) {
      for y in 0..<size.y {
        for x in 0..<size.x {
          let value = Double(image.voxels[size.index(x: x, y: y, z: z)])
          if value <= background { continue }
          let weight = min(value, high) - low
          sum += weight * [Double(x), Double(y), Double(z)]
          weights += weight
          count += 1
        }
      }
    }
    if count == 0 { return nil }
    centre = sum / weights * HeadImage.spacing
    let volume = Double(count) * area * HeadImage.spacing
    radius = cbrt(3 * volume / (4 * .pi))
    var inside: [Float] = []
    for z in 0..<size.z {
      for y in 0..<size.y {
        for x in 0..<size.x {
          let value = image.voxels[size.index(x: x, y: y, z: z)]
          let from = SIMD3(Double(x), Double(y), Double(z)) * HeadImage.spacing - centre
          if (from * from).sum() < radius * radius, Double(value) > low, Double(value) < high {
            inside.append(value)
          }
        }
      }
    }
    guard
      let median = inside.withUnsafeBufferPointer({ Voxels($0).percentiles([50]) })?.first
    else { return nil }
    levels = BrainSurface.Levels(low: low, high: high, background: background, median: median)
  }
}
