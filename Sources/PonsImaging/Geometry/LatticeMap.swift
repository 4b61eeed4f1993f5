/// How the voxels of one grid lie on those of another, when every voxel falls on a voxel: a permutation of axes,
/// flips and a shift by whole voxels. Reorienting, cropping and padding are such maps, and so is the way back.
///
/// Output voxel `o` is input voxel `i` with `i[axes[a]] = offset[axes[a]] + steps[a] * o[a]`.
public struct LatticeMap: Sendable, Hashable {
  /// For each output axis the input axis that it runs along; each once.
  public let axes: [Int]
  /// For each output axis 1, or -1 when it runs backwards.
  public let steps: [Int]
  /// For each input axis the index of output voxel (0, 0, 0). May be outside of the input: what has no input is
  /// padding.
  public let offset: [Int]

  private init(axes: [Int], steps: [Int], offset: [Int]) {
    self.axes = axes
    self.steps = steps
    self.offset = offset
  }

  /// Cuts a box out; a box that reaches beyond the input pads.
  public init(cropping box: IndexBox) {
    self.init(
      axes: [0, 1, 2], steps: [1, 1, 1],
      offset: [box.x.lowerBound, box.y.lowerBound, box.z.lowerBound])
  }

  /// Turns a volume of a size from one orientation to another.
  public init(from old: Orientation, to new: Orientation, size: GridSize) {
    var axes: [Int] = []
    var steps: [Int] = []
    var offset = [0, 0, 0]
    for direction in new.directions {
      let axis = old.directions.firstIndex { $0.axis == direction.axis } ?? 0
      let isSame = old.directions[axis] == direction
      axes.append(axis)
      steps.append(isSame ? 1 : -1)
      if !isSame { offset[axis] = max(0, size[axis] - 1) }
    }
    self.init(axes: axes, steps: steps, offset: offset)
  }

  /// The map from the voxels of `output` to those of `input`; nil when some voxel of `output` is more than
  /// `tolerance` voxels away from a place of the input's lattice.
  public init?(from output: Grid, onto input: Grid, tolerance: Double = 0.01) {
    let map = output.indices(in: input)
    var axes: [Int] = []
    var steps: [Int] = []
    var error = 0.0
    for axis in 0..<3 {
      let column = map[axis]
      guard let nearest = (0..<3).max(by: { abs(column[$0]) < abs(column[$1]) }),
        column[nearest].isFinite, !axes.contains(nearest)
      else { return nil }
      axes.append(nearest)
      steps.append(column[nearest] < 0 ? -1 : 1)
      var whole = SIMD3<Double>.zero
      whole[nearest] = Double(steps[axis])
      error += (column - whole).length * Double(max(0, output.size[axis] - 1))
    }
    let origin = map.origin
    guard (0..<3).allSatisfy({ abs(origin[$0]) < 1e9 }) else { return nil }
    let offset = (0..<3).map { Int(origin[$0].rounded()) }
    error += (origin - [Double(offset[0]), Double(offset[1]), Double(offset[2])]).length
    guard error <= tolerance else { return nil }
    self.init(axes: axes, steps: steps, offset: offset)
  }

  /// The map as output indices to input indices.
  public var affine: Affine {
    var affine = Affine.identity
    for axis in 0..<3 {
      affine[axis] = .zero
      affine[axis][axes[axis]] = Double(steps[axis])
    }
    affine.origin = [Double(offset[0]), Double(offset[1]), Double(offset[2])]
    return affine
  }

  /// The size of a whole volume whose axes are turned like this.
  public func turned(_ size: GridSize) -> GridSize {
    GridSize(x: size[axes[0]], y: size[axes[1]], z: size[axes[2]])
  }

  /// The grid of the output.
  ///
  /// - Parameters:
  ///   - input: the grid of the input.
  ///   - size: the output's size.
  public func grid(of input: Grid, size: GridSize) -> Grid {
    Grid(size: size, affine: input.affine * affine)
  }
}
