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
    func unit() -> [Double] {
      while true {
        let v = (0..<3).map { _ in Double.random(in: -1...1, using: &random) }
        let length = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).squareRoot()
        if length > 0.1, length < 1 { return v.map { $0 / length } }
      }
    }
    func cross(_ a: [Double], _ b: [Double]) -> [Double] {
      (0..<3).map { a[($0 + 1) % 3] * b[($0 + 2) % 3] - a[($0 + 2) % 3] * b[($0 + 1) % 3] }
    }
    let row = unit()
    var down = [0.0, 0, 0]
    while true {
      down = cross(row, unit())
      let length = (down[0] * down[0] + down[1] * down[1] + down[2] * down[2]).squareRoot()
      if length > 0.1 {
        down = down.map { $0 / length }
        break
      }
    }
    let mirror = Bool.random(using: &random) ? 1.0 : -1
    let normal = cross(row, down).map { $0 * mirror }
    let spacing = (0..<3).map { _ in Double.random(in: 0.2...6, using: &random) }
    let isSheared = Bool.random(using: &random)
    let shear = (0..<2).map { _ in isSheared ? Double.random(in: -2...2, using: &random) : 0 }
    var affine = [Double](repeating: 0, count: 16)
    for axis in 0..<3 {
      affine[4 * axis] = row[axis] * spacing[0]
      affine[4 * axis + 1] = down[axis] * spacing[1]
      affine[4 * axis + 2] =
        normal[axis] * spacing[2] + row[axis] * shear[0] + down[axis] * shear[1]
      affine[4 * axis + 3] = Double.random(in: -300...300, using: &random)
    }
    affine[15] = 1
    return affine
  }

  /// Whether the slices go along the normal of rows and columns, as DICOM counts them. Directions are mirrored
  /// between RAS and LPS twice, so that the sign stays.
  var isAlongNormal: Bool {
    let a = affine
    let x = [a[0], a[4], a[8]]
    let y = [a[1], a[5], a[9]]
    let z = [a[2], a[6], a[10]]
    let normal = (0..<3).map { x[($0 + 1) % 3] * y[($0 + 2) % 3] - x[($0 + 2) % 3] * y[($0 + 1) % 3] }
    return normal[0] * z[0] + normal[1] * z[1] + normal[2] * z[2] > 0
  }
}
