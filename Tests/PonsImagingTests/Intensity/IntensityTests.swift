import PonsImaging
import ReferenceTables
import Testing

@Suite struct IntensityTests {
  private let reference: ReferenceTable
  init() throws { reference = try ReferenceTable("intensity.txt") }

  static let types: [ScalarType] = [
    .uint8, .int8, .uint16, .int16, .uint32, .int32, .int64, .float16, .float32, .float64,
  ]

  /// The fixture's values as a type, repeated so that there is work for threads.
  private func with<Result>(
    _ type: ScalarType, repeated: Int = 1, _ body: (Voxels) -> Result
  ) throws -> Result {
    let numbers = try reference.numbers("\(type.rawValue).values")
    func typed<S: Scalar>(_ convert: (Double) -> S) -> Result {
      let values = (0..<repeated).flatMap { _ in numbers.map(convert) }
      return values.withUnsafeBufferPointer { body(Voxels($0)) }
    }
    return switch type {
    case .uint8: typed { UInt8($0) }
    case .int8: typed { Int8($0) }
    case .uint16: typed { UInt16($0) }
    case .int16: typed { Int16($0) }
    case .uint32: typed { UInt32($0) }
    case .int32: typed { Int32($0) }
    case .int64: typed { Int64($0) }
    case .float16: typed { Float16($0) }
    case .float32: typed { Float($0) }
    default: typed { $0 }
    }
  }

  @Test(arguments: types) func `percentiles are numpy's`(type: ScalarType) throws {
    let percentages = try reference.numbers("percentages")
    let all = try #require(try with(type) { $0.percentiles(percentages) })
    // The same formula in double precision: the last place may differ.
    #expect(largestDifference(all, try reference.numbers("\(type.rawValue).percentiles")) < 1e-12)
    let nonzero = try #require(try with(type) { $0.percentiles(percentages, of: .nonzero) })
    #expect(largestDifference(nonzero, try reference.numbers("\(type.rawValue).nonzero")) < 1e-12)
  }

  @Test(arguments: types) func `moments are numpy's`(type: ScalarType) throws {
    let expected = try reference.numbers("\(type.rawValue).moments")
    let all = try with(type) { $0.moments() }
    let nonzero = try with(type) { $0.moments(of: .nonzero) }
    #expect(
      largestDifference([all.mean, all.std, nonzero.mean, nonzero.std], expected) < 1e-12)
    let values = try reference.numbers("\(type.rawValue).values")
    #expect(all.minimum == values.min() && all.maximum == values.max() && all.count == 150)
  }

  @Test(arguments: types) func `nothing depends on threads`(type: ScalarType) throws {
    func measured(_ threads: Int) throws -> ([Double]?, Moments) {
      try with(type, repeated: 3000) {
        (
          $0.percentiles([1, 50, 99.9], of: .nonzero, threads: threads),
          $0.moments(threads: threads)
        )
      }
    }
    let (one, three) = (try measured(1), try measured(3))
    #expect(one.0 == three.0 && one.1 == three.1)
    #expect(one.1.count == 450_000)
  }

  @Test(arguments: [ScalarType.uint8, .int8, .uint16, .int16, .float32, .float64])
  func `equalisation is scikit-image's`(type: ScalarType) throws {
    func equalized(_ selection: VoxelSelection) throws -> [Double] {
      try with(type) { voxels in
        guard let map = HistogramEqualization(of: voxels, selection: selection, bins: 32) else {
          return []
        }
        var result = [Float](repeating: -1, count: voxels.count)
        result.withUnsafeMutableBufferPointer { map.apply(voxels, to: $0, threads: 2) }
        return result.map(Double.init)
      }
    }
    let name = type.rawValue
    // Single precision, and seven digits in the fixture.
    #expect(
      largestDifference(try equalized(.all), try reference.numbers("\(name).equalized")) < 2e-7)
    #expect(
      largestDifference(
        try equalized(.nonzero), try reference.numbers("\(name).equalized_nonzero")) < 2e-7)
  }

  @Test func `masks choose voxels, and NaN never counts`() throws {
    let values: [Float] = [.nan, 1, 2, 3, .nan, 100, -5, 0]
    let mask: [UInt8] = [1, 1, 0, 7, 1, 0, 0, 1]
    values.withUnsafeBufferPointer { values in
      mask.withUnsafeBufferPointer { mask in
        let voxels = Voxels(values)
        #expect(voxels.percentiles([0, 50, 100], of: .mask(mask)) == [0, 1, 3])
        #expect(voxels.percentiles([0, 100]) == [-5, 100])
        let moments = voxels.moments(of: .mask(mask))
        #expect(moments.count == 3 && abs(moments.mean - 4.0 / 3) < 1e-15)
        #expect(voxels.moments(of: .nonzero).count == 5)
        let clipped = voxels.moments(clippedTo: 0...4)
        #expect(clipped.mean == 10.0 / 6 && clipped.minimum == 0 && clipped.maximum == 4)
      }
    }
    let nothing: [Float] = [.nan, 0]
    nothing.withUnsafeBufferPointer {
      #expect(Voxels($0).percentiles([50], of: .nonzero) == nil)
      #expect(Voxels($0).moments(of: .nonzero).mean.isNaN)
      #expect(HistogramEqualization(of: Voxels($0), selection: .nonzero) == nil)
    }
  }

  @Test func `lines clip, shift and scale; what is masked counts as 0`() {
    let values: [Int16] = [-10, 0, 10, 20, 1000]
    let mask: [UInt8] = [1, 1, 0, 1, 1]
    let line = LinearIntensity(clippingTo: 0...100, shift: 10, scale: 0.5)
    var plain = [Float](repeating: -1, count: 5)
    var masked = plain
    values.withUnsafeBufferPointer { values in
      plain.withUnsafeMutableBufferPointer { line.apply(Voxels(values), to: $0) }
      mask.withUnsafeBufferPointer { mask in
        masked.withUnsafeMutableBufferPointer { line.apply(Voxels(values), mask: mask, to: $0) }
      }
    }
    #expect(plain == [-5, -5, 0, 5, 45])
    #expect(masked == [-5, -5, -5, 5, 45])
    #expect(plain.map(Double.init) == values.map { line(Double($0)) })
    var moments = Moments()
    (moments.mean, moments.std) = (4, 0)
    #expect(LinearIntensity(zScoreOf: moments, clippingTo: 0...9)(7) == 0)
    #expect(LinearIntensity(unitRangeOf: 2...6)(5) == 0.75)
    #expect(LinearIntensity(unitRangeOf: 2...2)(5) == 0)
  }

  @Test func `equalised to 8 bits`() throws {
    let values: [Float] = [0, 1, 2, 3, .nan]
    let mask: [UInt8] = [1, 1, 1, 0, 1]
    try values.withUnsafeBufferPointer { values in
      let map = try #require(HistogramEqualization(of: Voxels(values), bins: 4))
      var result = [UInt8](repeating: 9, count: 5)
      mask.withUnsafeBufferPointer { mask in
        result.withUnsafeMutableBufferPointer { map.apply(Voxels(values), mask: mask, to: $0) }
      }
      // Centres of bins are 0.375, 1.125, 1.875, 2.625 with shares 1/4, 1/2, 3/4, 1.
      #expect(result == [64, 117, 202, 0, 64])
    }
  }
}
