internal import PonsKit

/// Brings voxels from a file into memory: byte order of this machine, scaling applied.
struct VoxelReader {
  let type: Datatype
  let swaps: Bool
  let scaling: (slope: Double, intercept: Double)?

  /// Bytes that are read at once. Few enough to be in the cache still when ISA-L takes their checksum.
  private static let piece = 256 << 10

  /// Reads `count` stored bytes.
  func read(
    _ count: Int, from stream: ByteStream, into memory: UnsafeMutableRawBufferPointer,
    progress: (Double) throws -> Void
  ) throws {
    guard let scaling else {
      try readStored(count, from: stream, into: memory, progress: progress)
      return
    }
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.piece, alignment: 64)
    defer { scratch.deallocate() }
    var done = 0
    var made = 0
    while done < count {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: scratch[0..<min(Self.piece, count - done)])
      try stream.read(into: part)
      if swaps { Self.swapBytes(part, size: type.elementType.size) }
      made += Self.scale(
        UnsafeRawBufferPointer(part), type, scaling,
        into: UnsafeMutableRawBufferPointer(rebasing: memory[made...]))
      done += part.count
      try progress(Double(done) / Double(count))
    }
  }

  private func readStored(
    _ count: Int, from stream: ByteStream, into memory: UnsafeMutableRawBufferPointer,
    progress: (Double) throws -> Void
  ) throws {
    var done = 0
    while done < count {
      let end = done + min(Self.piece, count - done)
      let part = UnsafeMutableRawBufferPointer(rebasing: memory[done..<end])
      try stream.read(into: part)
      if swaps { Self.swapBytes(part, size: type.elementType.size) }
      done = end
      try progress(Double(done) / Double(count))
    }
  }

  /// Turns the bytes of every element around, in place. The memory is aligned, and pieces hold whole elements.
  static func swapBytes(_ memory: UnsafeMutableRawBufferPointer, size: Int) {
    func swap<Bits: FixedWidthInteger>(_: Bits.Type) {
      let elements = memory.bindMemory(to: Bits.self)
      for index in elements.indices { elements[index] = elements[index].byteSwapped }
    }
    switch size {
    case 2: swap(UInt16.self)
    case 4: swap(UInt32.self)
    case 8: swap(UInt64.self)
    default: break
    }
  }

  /// Computes `stored * slope + intercept` in double and rounds once. Answers the number of bytes written.
  static func scale(
    _ stored: UnsafeRawBufferPointer, _ type: Datatype,
    _ scaling: (slope: Double, intercept: Double),
    into memory: UnsafeMutableRawBufferPointer
  ) -> Int {
    func narrow<Stored: BinaryInteger>(_: Stored.Type) -> Int {
      let input = stored.bindMemory(to: Stored.self)
      let output = memory.bindMemory(to: Float.self)
      for index in input.indices {
        output[index] = Float(Double(input[index]) * scaling.slope + scaling.intercept)
      }
      return input.count * MemoryLayout<Float>.size
    }
    func wide<Stored>(_: Stored.Type, _ double: (Stored) -> Double) -> Int {
      let input = stored.bindMemory(to: Stored.self)
      let output = memory.bindMemory(to: Double.self)
      for index in input.indices {
        output[index] = double(input[index]) * scaling.slope + scaling.intercept
      }
      return input.count * MemoryLayout<Double>.size
    }
    return switch type {
    case .uint8: narrow(UInt8.self)
    case .int8: narrow(Int8.self)
    case .uint16: narrow(UInt16.self)
    case .int16: narrow(Int16.self)
    case .uint32: wide(UInt32.self) { Double($0) }
    case .int32: wide(Int32.self) { Double($0) }
    case .uint64: wide(UInt64.self) { Double($0) }
    case .int64: wide(Int64.self) { Double($0) }
    case .float32: wide(Float.self) { Double($0) }
    case .float64: wide(Double.self) { $0 }
    }
  }
}
