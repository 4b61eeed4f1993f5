internal import PonsImaging

/// A head as brain extraction looks at it: coarse, isotropic, axes to the right, front and head.
struct HeadImage: Sendable {
  /// Voxel size in mm.
  static let spacing = 2.0

  /// Where it is.
  let grid: Grid
  /// `[z, y, x]`; NaN is 0.
  let voxels: [Float]

  /// Resamples a volume; nil when it is so large that this makes no sense.
  init?(
    _ voxels: Voxels, on source: Grid, threads: Int, isStopped: @escaping @Sendable () -> Bool
  ) {
    guard let coarse = source.spaced(SIMD3(repeating: Self.spacing)),
      coarse.size.count <= 1 << 28
    else { return nil }
    let resampling = Resampling(from: source, onto: coarse, antialiasing: true)
    let clean = UnsafeMutableBufferPointer<Float>.allocate(capacity: voxels.count)
    defer { clean.deallocate() }
    LinearIntensity().apply(voxels, to: clean, threads: threads)
    var result = [Float](repeating: 0, count: coarse.size.count)
    result.withUnsafeMutableBufferPointer {
      resampling.run(
        Voxels(UnsafeBufferPointer(clean)), to: $0, threads: threads, isStopped: isStopped)
    }
    let map = LatticeMap(
      from: Orientation(nearestTo: coarse.affine), to: .canonical, size: coarse.size)
    grid = map.grid(of: coarse, size: map.turned(coarse.size))
    var turned = [Float](repeating: 0, count: result.count)
    result.withUnsafeBytes { result in
      turned.withUnsafeMutableBytes {
        map.copy(result, coarse.size, to: $0, map.turned(coarse.size), elementSize: 4)
      }
    }
    self.voxels = turned
  }

  /// The value at the voxel nearest to a place in mm from the centre of the first voxel, along the grid's axes; nil
  /// outside.
  @inline(__always)
  static func value(
    _ place: SIMD3<Double>, _ voxels: UnsafeBufferPointer<Float>, _ size: GridSize
  ) -> Float? {
    let index = place / spacing + 0.5
    guard index.x >= 0, index.y >= 0, index.z >= 0, index.x < Double(size.x),
      index.y < Double(size.y), index.z < Double(size.z)
    else { return nil }
    return voxels[size.index(x: Int(index.x), y: Int(index.y), z: Int(index.z))]
  }
}
