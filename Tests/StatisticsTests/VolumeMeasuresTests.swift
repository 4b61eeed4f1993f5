import Statistics
import Testing

@Suite struct VolumeMeasuresTests {
  private func measured(_ values: [Double]) -> VolumeMeasures {
    values.withUnsafeBufferPointer { VolumeMeasures($0, double: { $0 }, progress: {}) }
  }

  /// numpy: x = array([3, -1, 0, 8]); x.mean(), x.std()
  @Test func `a few voxels`() {
    let found = measured([3, -1, 0, 8])
    #expect(found.count == 4 && found.nanCount == 0 && found.nonzeroCount == 3)
    #expect(found.minimum == -1 && found.maximum == 8 && found.mean == 2.5)
    #expect(found.std == 3.5)
    #expect(found.nonzeroFraction == 0.75)
  }

  @Test func `voxels that are no numbers do not count`() {
    let found = measured([.nan, 2, .nan, 4, 0])
    #expect(found.count == 3 && found.nanCount == 2)
    #expect(found.mean == 2 && found.minimum == 0 && found.maximum == 4)
    #expect(found.nonzeroFraction == 2.0 / 3)
  }

  @Test func `nothing but NaN has no statistics`() {
    let found = measured([.nan, .nan])
    #expect(found.count == 0 && found.nanCount == 2)
    #expect(found.mean.isNaN && found.minimum.isNaN && found.std.isNaN)
    #expect(measured([]).mean.isNaN)
  }

  @Test func `infinity is a value without a spread`() {
    let found = measured([1, .infinity])
    #expect(found.maximum == .infinity && found.minimum == 1 && found.mean == .infinity)
    #expect(found.std.isNaN)
  }

  /// One float sum from end to end would be wrong in the third digit.
  @Test func `many voxels lose nothing`() {
    let values = [Float](repeating: 0.1, count: 3_000_000) + [0]
    let found = values.withUnsafeBufferPointer {
      VolumeMeasures($0, double: { Double($0) }, progress: {})
    }
    #expect(abs(found.mean - Double(Float(0.1)) * 3_000_000 / 3_000_001) < 1e-12)
    let offset = (0..<100_000).map { Double($0 % 2) + 1e9 }
    #expect(measured(offset).std == 0.5)
  }

  @Test func `measuring can be stopped`() {
    struct Stop: Error {}
    let values = [UInt8](repeating: 1, count: 10)
    #expect(throws: Stop.self) {
      try values.withUnsafeBufferPointer { buffer in
        _ = try VolumeMeasures(buffer, double: { Double($0) }, progress: { throw Stop() })
      }
    }
  }

  @Test func `voxels of any shape have a size`() {
    let found = GridMeasures(affine: [0, -2, 0, 5, 3, 0, 0, 5, 0, 0, 0.5, 5, 0, 0, 0, 1])
    #expect(found.spacing == [3, 2, 0.5])
    #expect(found.voxelVolume == 3)
    // A shear along x makes edges longer and keeps the volume.
    let sheared = GridMeasures(affine: [1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    #expect(sheared.voxelVolume == 1 && sheared.spacing[1] == 2.0.squareRoot())
  }
}
