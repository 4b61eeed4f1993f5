/// Brings a volume onto another grid.
///
/// An output voxel takes the value of the input at the place of its centre. Places up to half a voxel beyond the
/// outermost voxel centres are inside and see the outermost voxels continued (cubic: mirrored); everything farther
/// out gets a fill value. This is what ITK's resampling does.
///
/// Sampling coarser than the input folds fine detail into wrong places. Anti-aliasing smooths the input first, along
/// each axis with a Gaussian of `sigma = sqrt((f² - 1) / (8 ln 2))` input voxels, where `f > 1` is how many times
/// coarser the output is (Cardoso et al., "Scale factor point spread function matching", MICCAI 2015), cut at 4
/// sigma.
public struct Resampling: Sendable {
  /// The grid of the volumes that come in.
  public let input: Grid
  /// The grid of what is made.
  public let output: Grid
  /// How values between voxels are made.
  public let interpolation: Interpolation
  /// Whether the input is smoothed where the output is coarser; never for ``Interpolation/nearest``.
  public let antialiasing: Bool
  /// Standard deviation of a Gaussian by which the input is smoothed in any case, in mm; 0: none.
  public let smoothing: Double
  let map: Affine

  /// Prepares resampling.
  public init(
    from input: Grid, onto output: Grid, interpolation: Interpolation = .linear,
    antialiasing: Bool = false, smoothing: Double = 0
  ) {
    self.input = input
    self.output = output
    self.interpolation = interpolation
    self.antialiasing = antialiasing && interpolation != .nearest
    self.smoothing = interpolation == .nearest ? 0 : smoothing
    map = output.indices(in: input)
  }

  /// Standard deviations of the Gaussian along x, y and z, in input voxels; 0: none.
  var sigmas: [Double] {
    let spacing = input.affine.spacing
    return (0..<3).map { axis in
      let wanted = smoothing / spacing[axis]
      // How far neighbouring outputs are apart along this axis of the input.
      let factor = SIMD3(map.x[axis], map.y[axis], map.z[axis]).length
      if !antialiasing || factor < 1.01 { return wanted }
      let needed = (factor * factor - 1) / (8 * 0.693_147_180_559_945_3)
      return (needed + wanted * wanted).squareRoot()
    }
  }

  /// Whether grids are so near to each other that places can be computed; where not, everything is outside.
  var isUsable: Bool {
    [map.x, map.y, map.z, map.origin].allSatisfy { column in
      (0..<3).allSatisfy { abs(column[$0]) < 1e12 }
    }
  }

  /// Steps along x, y and z when the axes of both grids are parallel and in the same order.
  private var parallelSteps: [Double]? {
    var steps: [Double] = []
    for axis in 0..<3 {
      var off = map[axis]
      steps.append(off[axis])
      off[axis] = 0
      // Less than a thousandth of a voxel at the far end.
      if steps[axis] == 0 || off.length * Double(output.size[axis]) > 1e-3 { return nil }
    }
    return steps
  }

  /// What a separable resampling takes, when the axes are parallel.
  func taps(_ interpolation: Interpolation, sigmas: [Double]) -> [AxisTaps]? {
    parallelSteps.map { steps in
      (0..<3).map { axis in
        AxisTaps(
          origin: map.origin[axis], step: steps[axis], count: output.size[axis],
          extent: input.size[axis], interpolation: interpolation, sigma: sigmas[axis])
      }
    }
  }

  /// Resamples linearly or with cubic splines; nearest neighbours become floats.
  ///
  /// - Parameters:
  ///   - voxels: `[z, y, x]` of the input's size, any type. Computed in single precision.
  ///   - result: `[z, y, x]` of the output's size.
  ///   - fill: value of voxels outside of the input.
  ///   - threads: threads to use; the result does not depend on it.
  ///   - isStopped: asked now and then; when true the rest is left undone.
  public func run(
    _ voxels: Voxels, to result: UnsafeMutableBufferPointer<Float>, fill: Float = 0,
    threads: Int = 1, isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    precondition(
      voxels.count == input.size.count && result.count == output.size.count,
      "memory fits the grids")
    guard let base = result.baseAddress, result.count > 0 else { return }
    if voxels.count == 0 || !isUsable { return result.update(repeating: fill) }
    let sigmas = sigmas
    let taps = taps(interpolation, sigmas: sigmas)
    func separable(
      _ voxels: Voxels, _ taps: [AxisTaps], _ size: GridSize, to: UnsafeMutablePointer<Float>
    ) {
      voxels.perform(
        SeparableResampling(
          taps: taps, inputSize: input.size, outputSize: size, output: to, fill: fill,
          threads: threads, isStopped: isStopped))
    }
    let isCubic = interpolation == .cubic
    if !isCubic, let taps { return separable(voxels, taps, output.size, to: base) }
    let walk = RowWalk(map: map, inputSize: input.size)
    if interpolation == .nearest {
      return voxels.perform(
        NearestValues(
          walk: walk, outputSize: output.size, output: base, fill: fill, threads: threads,
          isStopped: isStopped))
    }
    if !isCubic, !sigmas.contains(where: { $0 > 0 }) {
      return voxels.perform(
        LinearResampling(
          walk: walk, outputSize: output.size, output: base, fill: fill, threads: threads,
          isStopped: isStopped))
    }
    // What else there is needs the input as floats, smoothed or as coefficients.
    let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: voxels.count)
    defer { copy.deallocate() }
    guard let start = copy.baseAddress else { return }
    let smoothing = (0..<3).map { axis in
      AxisTaps(
        origin: 0, step: 1, count: input.size[axis], extent: input.size[axis],
        sigma: isCubic && taps != nil ? 0 : sigmas[axis])
    }
    separable(voxels, smoothing, input.size, to: start)
    if isCubic { BSplineCoefficients.filter(start, input.size, threads: threads) }
    let made = Voxels(UnsafeBufferPointer(copy))
    if let taps {
      separable(made, taps, output.size, to: base)
    } else if isCubic {
      CubicResampling(
        walk: walk, outputSize: output.size, coefficients: start, output: base, fill: fill,
        threads: threads, isStopped: isStopped
      ).run()
    } else {
      made.perform(
        LinearResampling(
          walk: walk, outputSize: output.size, output: base, fill: fill, threads: threads,
          isStopped: isStopped))
    }
  }
}
