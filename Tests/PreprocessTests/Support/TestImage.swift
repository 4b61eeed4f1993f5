import PonsEngine
import PonsImaging
import PonsKit
import StageHarness
import Testing

/// A packet on a grid, as tests make and read it.
struct TestImage: Equatable {
  var shape: [Int]
  var voxels: [Float]
  var affine: [Double]
  var type = ElementType.float32

  var grid: Grid {
    get throws {
      let size = GridSize(
        x: shape[shape.count - 1], y: shape[shape.count - 2], z: shape[shape.count - 3])
      return Grid(size: size, affine: try #require(Affine(rowMajor: affine)))
    }
  }

  init(shape: [Int], affine: [Double], type: ElementType = .float32, _ value: (Int) -> Float) {
    self.shape = shape
    self.affine = affine
    self.type = type
    voxels = (0..<shape.reduce(1, *)).map(value)
  }

  init(_ packet: Packet) throws {
    let tensor = try #require(packet.tensor("voxels"))
    shape = tensor.shape
    type = tensor.type
    affine = packet.withBytes(of: "affine") {
      $0.map { Array($0.bindMemory(to: Double.self)) } ?? []
    }
    let type = type
    voxels = packet.withBytes(of: "voxels") { bytes in
      guard let bytes else { return [] }
      switch type {
      case .uint8: return bytes.map(Float.init)
      case .int16: return bytes.bindMemory(to: Int16.self).map(Float.init)
      case .float64: return bytes.bindMemory(to: Double.self).map { Float($0) }
      default: return Array(bytes.bindMemory(to: Float.self))
      }
    }
  }

  private var bytes: [UInt8] {
    func raw<T>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
    switch type {
    case .uint8: return voxels.map { UInt8($0) }
    case .int16: return raw(voxels.map { Int16($0) })
    case .float64: return raw(voxels.map(Double.init))
    default: return raw(voxels)
    }
  }

  func packet(
    _ kind: String = "volume", metadata: [String: JSON] = [:], sidecar: JSON = [:]
  ) throws -> Packet {
    let required: [String: JSON] = [
      "modality": "MR", "labels": ["lesion"], "source": "test", "site": ["scanner": 3],
    ]
    return try Packet.of(
      kind,
      [
        (TensorRequest("voxels", type, shape), bytes),
        (TensorRequest("affine", .float64, [4, 4]), affine.withUnsafeBytes { Array($0) }),
      ], metadata: .object(required.merging(metadata) { $1 }), sidecar: sidecar)
  }
}

/// Numbers that look random and are the same every time.
struct TestNumbers {
  private var state: UInt64

  init(seed: Int) { state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1 }

  /// 0..<1.
  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / 0x1p53
  }

  mutating func next(below limit: Int) -> Int { Int(next() * Double(limit)) }

  /// A rotation with spacing, flips and an origin.
  mutating func affine() -> [Double] {
    let (a, b) = (next() * 0.6 - 0.3, next() * 0.6 - 0.3)
    let turn = Affine(
      x: [cosine(a), sine(a), 0], y: [-sine(a), cosine(a), 0], z: [0, 0, 1], origin: .zero)
    let tilt = Affine(
      x: [1, 0, 0], y: [0, cosine(b), sine(b)], z: [0, -sine(b), cosine(b)], origin: .zero)
    var axes = [0, 1, 2]
    axes.swapAt(0, next(below: 3))
    axes.swapAt(1, 1 + next(below: 2))
    var scale = Affine.identity
    for axis in 0..<3 {
      scale[axis] = .zero
      scale[axis][axes[axis]] = (next() < 0.5 ? -1 : 1) * (0.5 + 3 * next())
    }
    scale.origin = [next() * 100, next() * 100, next() * -100]
    return (turn * tilt * scale).rowMajor
  }

  // Power series are good enough for small angles, and need no library.
  private func sine(_ x: Double) -> Double { x - x * x * x / 6 + x * x * x * x * x / 120 }
  private func cosine(_ x: Double) -> Double { (1 - sine(x) * sine(x)).squareRoot() }
}
