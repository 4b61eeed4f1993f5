internal import Glibc
internal import PonsImaging

/// A surface that grows inside of a head until it meets the skull: Smith, "Fast robust automated brain extraction",
/// Human Brain Mapping 17 (2002).
///
/// Each point moves towards the middle of its neighbours along the surface (u1) and, where the surface is bent,
/// across it (u2); outwards as long as everything just inside is bright, inwards where something there is dark (u3).
/// Only bright inside and dark skull are assumed, so it takes T1, T2 and FLAIR.
struct BrainSurface: Sendable {
  /// Points in mm from the centre of the image's first voxel, along its axes.
  private(set) var points: [SIMD3<Double>]
  let mesh: SphereMesh
  let levels: HeadLevels

  /// How deep below the surface the darkest and the brightest value are looked for, mm.
  private static let depth = (darkest: 7.0, brightest: 3.0)
  /// Radii of curvature between which smoothing sets in, mm.
  private static let radii = (least: 3.33, most: 10.0)
  private static let iterations = 600

  /// Nil when there is nothing to start from, or when it was stopped.
  ///
  /// - Parameters:
  ///   - threshold: share of the way from background to brain below which a value is dark.
  ///   - threads: threads to use; the result does not depend on it.
  init?(
    _ image: HeadImage, threshold: Double, threads: Int = 1, isStopped: () -> Bool = { false }
  ) {
    guard let levels = HeadLevels(image) else { return nil }
    self.levels = levels
    mesh = SphereMesh(divisions: 4)
    points = mesh.points.map { $0 * (levels.radius / 2) + levels.centre }
    for iteration in 0..<Self.iterations {
      if iteration % 20 == 0, isStopped() { return nil }
      let (normals, length) = (normals, edgeLength)
      let before = points
      points.withUnsafeMutableBufferPointer { points in
        nonisolated(unsafe) let points = points
        let (mesh, levels) = (mesh, levels)
        Parallel.forRanges(points.count, grain: 256, threads: threads) { range in
          for index in range {
            points[index] =
              before[index]
              + Self.movement(index, before, mesh, normals[index], length)
              + Self.force(before[index], normals[index], image, levels, threshold)
              * (0.05 * length) * normals[index]
          }
        }
      }
    }
  }

  /// u1 + u2: evenness and smoothness.
  private static func movement(
    _ index: Int, _ points: [SIMD3<Double>], _ mesh: SphereMesh, _ normal: SIMD3<Double>,
    _ length: Double
  ) -> SIMD3<Double> {
    var sum = SIMD3<Double>.zero
    var count = 0.0
    for place in 6 * index..<6 * index + 6 where mesh.neighbours[place] >= 0 {
      sum += points[mesh.neighbours[place]]
      count += 1
    }
    let difference = sum / count - points[index]
    let across = (difference * normal).sum()
    let curvature = 2 * abs(across) / (length * length)
    let middle = (1 / radii.least + 1 / radii.most) / 2
    let slope = 6 / (1 / radii.least - 1 / radii.most)
    let smoothing = (1 + tanh(slope * (curvature - middle))) / 2
    return 0.5 * (difference - across * normal) + smoothing * across * normal
  }

  /// How strongly a point is drawn outwards (up to 2), or inwards (negative), by what is below it.
  private static func force(
    _ point: SIMD3<Double>, _ normal: SIMD3<Double>, _ image: HeadImage, _ levels: HeadLevels,
    _ threshold: Double
  ) -> Double {
    var darkest = levels.median
    var brightest = levels.background
    image.voxels.withUnsafeBufferPointer { voxels in
      for step in stride(from: 0, through: depth.darkest, by: HeadImage.spacing / 2) {
        let value =
          HeadImage.value(point - step * normal, voxels, image.grid.size).map(Double.init)
          ?? levels.low
        darkest = min(darkest, value)
        if step <= depth.brightest { brightest = max(brightest, value) }
      }
    }
    let range = max(min(levels.median, brightest) - levels.low, 1e-9)
    let limit = range * threshold + levels.low
    return 2 * (max(levels.low, darkest) - limit) / range
  }

  /// The mean length of the edges.
  private var edgeLength: Double {
    var sum = 0.0
    for triangle in mesh.triangles {
      // Every edge is in two triangles; one of them goes up.
      for corner in 0..<3 {
        let (from, to) = (triangle[corner], triangle[(corner + 1) % 3])
        if from < to { sum += Self.length(points[to] - points[from]) }
      }
    }
    return sum / (1.5 * Double(mesh.triangles.count))
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
