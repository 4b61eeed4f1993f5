import PonsImaging
import ReferenceTables
import Testing

@Suite struct ResamplingTests {
  private let reference: ReferenceTable
  private let volume: [Float]
  private let input: Grid

  init() throws {
    reference = try ReferenceTable("resampling.txt")
    volume = try reference.numbers("volume").map { Float($0) }
    input = Grid(size: GridSize(x: 9, y: 8, z: 7), affine: try reference.affine("affine"))
  }

  private func run<S: Scalar>(
    _ voxels: [S], _ resampling: Resampling, fill: Float = -7, threads: Int = 1
  ) -> [Float] {
    var result = [Float](repeating: .nan, count: resampling.output.size.count)
    voxels.withUnsafeBufferPointer { voxels in
      result.withUnsafeMutableBufferPointer {
        resampling.run(Voxels(voxels), to: $0, fill: fill, threads: threads)
      }
    }
    return result
  }

  static let grids = ["finer", "shifted", "turned", "coarser", "coarser_turned"]

  /// SimpleITK's Resample; scipy's map_coordinates(order=3, mode="mirror"). Values are up to 100 and single
  /// precision; the fixture has four digits.
  @Test(arguments: grids, Interpolation.allCases)
  func `values are those of the reference`(name: String, how: Interpolation) throws {
    let resampling = Resampling(from: input, onto: try reference.grid(name), interpolation: how)
    let expected = try reference.numbers("\(name).\(how.rawValue)")
    #expect(largestDifference(run(volume, resampling).map(Double.init), expected) < 2e-4)
  }

  @Test(arguments: grids) func `anti-aliasing is a Gaussian before`(name: String) throws {
    let resampling = Resampling(
      from: input, onto: try reference.grid(name), antialiasing: true)
    let expected = try reference.numbers("\(name).smooth")
    #expect(largestDifference(run(volume, resampling).map(Double.init), expected) < 2e-4)
  }

  @Test(arguments: grids, Interpolation.allCases)
  func `results do not depend on threads or type`(name: String, how: Interpolation) throws {
    let resampling = Resampling(
      from: input, onto: try reference.grid(name), interpolation: how, antialiasing: true)
    let one = run(volume, resampling)
    #expect(run(volume, resampling, threads: 3) == one)
    #expect(run(volume.map(Double.init), resampling) == one)
    let whole = volume.map { $0.rounded() }
    let rounded = run(whole, resampling)
    #expect(run(whole.map { Int16($0) }, resampling) == rounded)
    #expect(run(whole.map { UInt8($0) }, resampling) == rounded)
    #expect(run(whole.map { Float16($0) }, resampling) == rounded)
  }

  @Test(arguments: Interpolation.allCases) func `the same grid changes nothing`(how: Interpolation)
  {
    let result = run(volume, Resampling(from: input, onto: input, interpolation: how))
    // A spline goes through its voxels to single precision.
    let difference = zip(result, volume).map { abs($0 - $1) }.max() ?? .infinity
    #expect(how == .cubic ? difference < 1e-4 : difference == 0)
  }

  @Test func `coarser by a whole number, anti-aliased, along a line`() throws {
    // A step edge: the smoothed value beside it is known from the Gaussian alone.
    let line = [Float](repeating: 0, count: 20) + [Float](repeating: 100, count: 20)
    let grid = Grid(size: GridSize(x: 40, y: 1, z: 1), affine: .identity)
    let coarse = try #require(grid.spaced([4, 1, 1]))
    let result = run(line, Resampling(from: grid, onto: coarse, antialiasing: true))
    #expect(result.count == 10)
    #expect(abs(result[4] + result[5] - 100) < 1e-3)
    #expect(result[0] == 0 && abs(result[9] - 100) < 1e-3 && result[4] > 5 && result[4] < 20)
  }

  @Test(arguments: grids) func `labels are copied`(name: String) throws {
    let resampling = Resampling(from: input, onto: try reference.grid(name))
    let labels = volume.map { UInt16($0) * 600 + 1 }
    var result = [UInt16](repeating: 99, count: resampling.output.size.count)
    labels.withUnsafeBytes { labels in
      result.withUnsafeMutableBytes {
        resampling.copyNearest(labels, to: $0, elementSize: 2, threads: 2)
      }
    }
    let expected = try reference.numbers("\(name).nearest").map {
      $0 == -7 ? 0 : UInt16($0) * 600 + 1
    }
    #expect(result == expected)
  }

  @Test func `volumes without extent, and far away`() throws {
    let far = Grid(
      size: GridSize(x: 2, y: 2, z: 2),
      affine: Affine(x: [1, 0, 0], y: [0, 1, 0], z: [0, 0, 1], origin: [1e9, 0, 0]))
    let none = Grid(size: GridSize(x: 0, y: 3, z: 2), affine: .identity)
    let one = Grid(size: GridSize(x: 1, y: 1, z: 1), affine: .identity)
    let wide = try #require(one.spaced([0.5, 1, 1]))
    var absurd = far
    absurd.affine = Affine(
      x: [1e200, 3, 0], y: [1, 1e-200, 0], z: [0, 0, 1e100], origin: [1e300, -1e300, 0])
    for how in Interpolation.allCases {
      #expect(
        run(volume, Resampling(from: input, onto: absurd, interpolation: how))
          == [Float](repeating: -7, count: 8))
      #expect(
        run(volume, Resampling(from: input, onto: far, interpolation: how))
          == [Float](repeating: -7, count: 8))
      #expect(run(volume, Resampling(from: input, onto: none, interpolation: how)).isEmpty)
      #expect(
        run([Float](), Resampling(from: none, onto: one, interpolation: how)) == [-7])
      #expect(
        run([5 as Float], Resampling(from: one, onto: wide, interpolation: how))
          .allSatisfy { abs($0 - 5) < 1e-5 })
    }
  }
}
