import PonsKit

/// A volume with random voxels on a random grid.
struct RandomVolume {
  var type: ElementType
  /// `[z, y, x]`.
  var shape: [Int]
  /// Voxels in C order, as they are in memory, and as numbers.
  var bytes: [UInt8] = []
  var values: [Double] = []
  /// To RAS+, row by row.
  var affine: [Double]

  /// Random numbers that are the same every time (PCG's multiplier; the upper bits).
  struct Source: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let high = state >> 32
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return high << 32 | state >> 32
    }
  }

  init(_ type: ElementType, seed: UInt64) {
    var random = Source(seed)
    self.type = type
    shape = (0..<3).map { _ in Int.random(in: 1...6, using: &random) }
    affine = Self.affine(&random)
    let scale = Double.random(in: -6...9, using: &random)
    let offset = Double.random(in: -1...1, using: &random)
    for _ in 0..<shape.reduce(1, *) {
      let value = (Double.random(in: -1...1, using: &random) + offset) * exp10(scale)
      append(value, random.next())
    }
  }

  private func exp10(_ exponent: Double) -> Double {
    var value = 1.0
    for _ in 0..<Int(abs(exponent)) { value *= exponent < 0 ? 0.1 : 10 }
    return value
  }

  private mutating func append(_ value: Double, _ bits: UInt64) {
    func add<Value: BitwiseCopyable>(_ element: Value, _ number: Double) {
      bytes += withUnsafeBytes(of: element) { Array($0) }
      values.append(number)
    }
    func whole<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) {
      let element = Value(truncatingIfNeeded: bits)
      add(element, Double(element))
    }
    switch type {
    case .bool: add(UInt8(bits & 1), Double(bits & 1))
    case .uint8: whole(UInt8.self)
    case .int8: whole(Int8.self)
    case .uint16: whole(UInt16.self)
    case .int16: whole(Int16.self)
    // Half of them would not fit: some volumes hold a narrow range of large numbers.
    case .uint32: add(UInt32(3_000_000_000 + bits % 60_000), Double(3_000_000_000 + bits % 60_000))
    case .int32: add(Int32(truncatingIfNeeded: bits), Double(Int32(truncatingIfNeeded: bits)))
    case .uint64: add(bits % 1_000_000_007, Double(bits % 1_000_000_007))
    case .int64: add(Int64(bits % 4096) - 5000, Double(Int64(bits % 4096) - 5000))
    case .float16:
      let element = Float16(max(-60000, min(60000, value)))
      add(element, Double(element))
    case .bfloat16:
      let half = UInt16(Float(value).bitPattern >> 16)
      add(half, Double(Float(bitPattern: UInt32(half) << 16)))
    case .float32: add(Float(value), Double(Float(value)))
    case .float64: add(value, value)
    }
  }

  /// Oblique, often mirrored, and often with slices that do not stand above each other.
  private static func affine(_ random: inout Source) -> [Double] {
    func some() -> SIMD3<Double> { SIMD3.random(in: -1...1, using: &random) }
    let row = unit(some() + SIMD3(0, 0, 1.5))
    let down = unit(cross(row, some() + SIMD3(1.5, 0, 0)))
    let normal = cross(row, down) * (Bool.random(using: &random) ? 1.0 : -1.0)
    let spacing = (0..<3).map { _ in Double.random(in: 0.2...6, using: &random) }
    let isSheared = Bool.random(using: &random)
    let shear = (0..<2).map { _ in isSheared ? Double.random(in: -2...2, using: &random) : 0 }
    var affine = [Double](repeating: 0, count: 16)
    let step: SIMD3<Double> = normal * spacing[2] + row * shear[0] + down * shear[1]
    for axis in 0..<3 {
      affine[4 * axis] = row[axis] * spacing[0]
      affine[4 * axis + 1] = down[axis] * spacing[1]
      affine[4 * axis + 2] = step[axis]
      affine[4 * axis + 3] = Double.random(in: -300...300, using: &random)
    }
    affine[15] = 1
    return affine
  }

  /// Whether the slices go along the normal of rows and columns, as DICOM counts them. Directions are mirrored
  /// between RAS and LPS twice, so that the sign stays.
  var isAlongNormal: Bool {
    func column(_ index: Int) -> SIMD3<Double> {
      SIMD3(affine[index], affine[4 + index], affine[8 + index])
    }
    let normal = Self.cross(column(0), column(1))
    return (normal * column(2)).sum() > 0
  }

  private static func unit(_ v: SIMD3<Double>) -> SIMD3<Double> {
    let squares: Double = (v * v).sum()
    return v / squares.squareRoot()
  }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    let first: SIMD3<Double> = SIMD3(a.y, a.z, a.x) * SIMD3(b.z, b.x, b.y)
    let second: SIMD3<Double> = SIMD3(a.z, a.x, a.y) * SIMD3(b.y, b.z, b.x)
    return first - second
  }
}
