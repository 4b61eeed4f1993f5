internal import PonsImaging
package import PonsKit

/// Takes the shear of a gantry tilt out of a stack: slices are shifted in their plane until they stand above each
/// other, on a grid that is large enough for all of them.
package struct Upright: Sendable {
  /// `[z, y, x]`.
  package let shape: [Int]
  /// Of the result; its axes are at right angles.
  package let affine: [Double]
  private let source: (x: Int, y: Int, z: Int)
  /// Shift from one slice to the next, in pixels.
  private let shift: (x: Double, y: Double)
  /// Where the first pixel of the first slice comes to lie.
  private let origin: (x: Int, y: Int)

  package init(_ geometry: StackGeometry, shape: [Int]) {
    let a = geometry.affine
    func column(_ index: Int) -> Vector { Vector(a[index], a[4 + index], a[8 + index]) }
    let row = column(0)
    let down = column(1)
    let step = column(2)
    source = (shape[2], shape[1], shape[0])
    shift = (step.dot(row) / row.dot(row), step.dot(down) / down.dot(down))
    let last = Double(shape[0] - 1)
    let left = min(0, (shift.x * last).rounded(.down))
    let right = max(0, (shift.x * last).rounded(.up))
    let top = min(0, (shift.y * last).rounded(.down))
    let bottom = max(0, (shift.y * last).rounded(.up))
    origin = (Int(-left), Int(-top))
    self.shape = [shape[0], shape[1] + Int(bottom - top), shape[2] + Int(right - left)]
    let straight = step - row * shift.x - down * shift.y
    let first = column(3) + row * left + down * top
    affine = [
      a[0], a[1], straight.x, first.x, a[4], a[5], straight.y, first.y, a[8], a[9], straight.z,
      first.z,
      0, 0, 0, 1,
    ]
  }

  /// Interpolates linearly; integers are rounded to the nearest. Outside of a slice is the least value of the volume: air.
  package func resample(
    _ voxels: UnsafeRawBufferPointer, _ type: ElementType,
    into result: UnsafeMutableRawBufferPointer,
    threads: Int
  ) throws {
    func whole<Value: FixedWidthInteger & BitwiseCopyable & Sendable>(_: Value.Type) {
      run(voxels, result, threads, Value.self, { Double($0) }, { Value($0.rounded()) })
    }
    switch type {
    case .uint8: whole(UInt8.self)
    case .int8: whole(Int8.self)
    case .uint16: whole(UInt16.self)
    case .int16: whole(Int16.self)
    case .uint32: whole(UInt32.self)
    case .int32: whole(Int32.self)
    case .float32: run(voxels, result, threads, Float.self, { Double($0) }, { Float($0) })
    case .float64: run(voxels, result, threads, Double.self, { $0 }, { $0 })
    default: throw StageFailure(.internal, "voxels of type \(type.rawValue) cannot be made upright")
    }
  }

  private func run<Value: BitwiseCopyable & Comparable & Sendable>(
    _ bytes: UnsafeRawBufferPointer, _ result: UnsafeMutableRawBufferPointer, _ threads: Int,
    _: Value.Type, _ double: @Sendable (Value) -> Double, _ value: @Sendable (Double) -> Value
  ) {
    let stored = bytes.bindMemory(to: Value.self)
    guard let air = stored.min() else { return }
    let memory = Memory(stored: stored, result: result.bindMemory(to: Value.self))
    Parallel.forEach(shape[0], threads: threads) { z in
      for y in 0..<shape[1] {
        let target = (z * shape[1] + y) * shape[2]
        let fromY = Double(y - origin.y) - shift.y * Double(z)
        for x in 0..<shape[2] {
          let fromX = Double(x - origin.x) - shift.x * Double(z)
          memory.result[target + x] = sample(memory.stored, fromX, fromY, z, air, double, value)
        }
      }
    }
  }

  private func sample<Value>(
    _ stored: UnsafeBufferPointer<Value>, _ x: Double, _ y: Double, _ z: Int, _ air: Value,
    _ double: (Value) -> Double, _ value: (Double) -> Value
  ) -> Value {
    // Within rounding, the edge belongs to the slice.
    let edge = 1e-6
    guard x > -edge, y > -edge, x < Double(source.x - 1) + edge, y < Double(source.y - 1) + edge
    else {
      return air
    }
    let column = min(max(Int(x.rounded(.down)), 0), max(0, source.x - 2))
    let row = min(max(Int(y.rounded(.down)), 0), max(0, source.y - 2))
    let right = min(max(x - Double(column), 0), 1)
    let below = min(max(y - Double(row), 0), 1)
    func at(_ dx: Int, _ dy: Int) -> Double {
      let place = (z * source.y + min(row + dy, source.y - 1)) * source.x
      return double(stored[place + min(column + dx, source.x - 1)])
    }
    let upper = at(0, 0) * (1 - right) + at(1, 0) * right
    let lower = at(0, 1) * (1 - right) + at(1, 1) * right
    return value(upper * (1 - below) + lower * below)
  }

  /// Every thread writes to slices of its own.
  private struct Memory<Value>: @unchecked Sendable {
    let stored: UnsafeBufferPointer<Value>
    let result: UnsafeMutableBufferPointer<Value>
  }
}
