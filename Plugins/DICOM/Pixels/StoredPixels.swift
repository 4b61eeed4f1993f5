internal import PonsKit

/// Turns the bytes of a frame, as they are stored or as a decoder gave them, into voxels.
struct StoredPixels: Sendable {
  /// Bits allocated, bits stored and high bit, and whether the bits have a sign.
  let format: PixelFormat
  let kind: DataSetStructure.Pixels.Kind
  /// Bytes are in the other order than this machine's.
  let swaps: Bool
  let slope: Double
  let intercept: Double

  /// Whether the stored bytes are the voxels as they are, so that they can be read to their place.
  func isDirect(_ type: VoxelType) -> Bool {
    type.conversion == .none && type.element.size * 8 == format.bitsAllocated
  }

  /// Gives in-place bytes the order and the bits of this machine: unused high bits, where old files keep overlays, are
  /// cleared or take the sign (DICOM PS3.5 section 8.1.1).
  func normalise(_ bytes: UnsafeMutableRawBufferPointer) {
    switch (kind, format.bitsAllocated) {
    case (.integer, 8):
      format.isSigned ? normalise(bytes, Int8.self) : normalise(bytes, UInt8.self)
    case (.integer, 16):
      format.isSigned ? normalise(bytes, Int16.self) : normalise(bytes, UInt16.self)
    case (.integer, _):
      format.isSigned ? normalise(bytes, Int32.self) : normalise(bytes, UInt32.self)
    case (.float, _): if swaps { normalise(bytes, UInt32.self, isWhole: true) }
    case (.double, _): if swaps { normalise(bytes, UInt64.self, isWhole: true) }
    }
  }

  private func normalise<Value: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeMutableRawBufferPointer, _: Value.Type, isWhole: Bool = false
  ) {
    let values = bytes.bindMemory(to: Value.self)
    if swaps, Value.bitWidth > 8 {
      for index in values.indices { values[index] = values[index].byteSwapped }
    }
    if isWhole || format.bitsStored == Value.bitWidth { return }
    let up = Value(truncatingIfNeeded: Value.bitWidth - 1 - format.highBit)
    let down = Value(truncatingIfNeeded: Value.bitWidth - format.bitsStored)
    // Shifting right brings zeros or copies of the sign.
    for index in values.indices { values[index] = (values[index] &<< up) &>> down }
  }

  /// Converts bytes that were normalised.
  ///
  /// - Parameter voxels: room for as many voxels.
  func convert(
    _ bytes: UnsafeMutableRawBufferPointer, to type: VoxelType,
    _ voxels: UnsafeMutableRawBufferPointer
  ) {
    switch (kind, format.bitsAllocated, format.isSigned) {
    case (.integer, 8, false): convert(bytes, UInt8.self, type, voxels)
    case (.integer, 8, true): convert(bytes, Int8.self, type, voxels)
    case (.integer, 16, false): convert(bytes, UInt16.self, type, voxels)
    case (.integer, 16, true): convert(bytes, Int16.self, type, voxels)
    case (.integer, _, false): convert(bytes, UInt32.self, type, voxels)
    case (.integer, _, true): convert(bytes, Int32.self, type, voxels)
    case (.float, _, _): convertReal(bytes, Float.self, type, voxels)
    case (.double, _, _): convertReal(bytes, Double.self, type, voxels)
    }
  }

  private func convert<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeMutableRawBufferPointer, _: Stored.Type, _ type: VoxelType,
    _ voxels: UnsafeMutableRawBufferPointer
  ) {
    let stored = bytes.bindMemory(to: Stored.self)
    switch type.element {
    case .uint8: whole(stored, voxels, UInt8.self)
    case .int8: whole(stored, voxels, Int8.self)
    case .int16: whole(stored, voxels, Int16.self)
    case .uint16: whole(stored, voxels, UInt16.self)
    case .int32: whole(stored, voxels, Int32.self)
    case .uint32: whole(stored, voxels, UInt32.self)
    case .float64: real(stored, voxels, Double.self) { Double($0) }
    default: real(stored, voxels, Float.self) { Double($0) }
    }
  }

  /// The type was chosen so that nothing overflows.
  private func whole<Stored: FixedWidthInteger, Voxel: FixedWidthInteger & BitwiseCopyable>(
    _ stored: UnsafeMutableBufferPointer<Stored>, _ voxels: UnsafeMutableRawBufferPointer,
    _: Voxel.Type
  ) {
    let voxels = voxels.bindMemory(to: Voxel.self)
    let slope = Int(slope)
    let intercept = Int(intercept)
    for index in stored.indices {
      voxels[index] = Voxel(truncatingIfNeeded: Int(stored[index]) &* slope &+ intercept)
    }
  }

  /// In double precision, and rounded once.
  private func real<Stored, Voxel: BinaryFloatingPoint & BitwiseCopyable>(
    _ stored: UnsafeMutableBufferPointer<Stored>, _ voxels: UnsafeMutableRawBufferPointer,
    _: Voxel.Type, _ double: (Stored) -> Double
  ) {
    let voxels = voxels.bindMemory(to: Voxel.self)
    for index in stored.indices {
      voxels[index] = Voxel(double(stored[index]) * slope + intercept)
    }
  }

  private func convertReal<Stored: BinaryFloatingPoint & BitwiseCopyable>(
    _ bytes: UnsafeMutableRawBufferPointer, _: Stored.Type, _ type: VoxelType,
    _ voxels: UnsafeMutableRawBufferPointer
  ) {
    let stored = bytes.bindMemory(to: Stored.self)
    if type.element == .float64 {
      real(stored, voxels, Double.self) { Double($0) }
    } else {
      real(stored, voxels, Float.self) { Double($0) }
    }
  }
}
