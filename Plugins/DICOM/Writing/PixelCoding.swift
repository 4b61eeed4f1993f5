internal import PonsKit

/// How voxels become the pixels of a file.
///
/// Integers that fit into 16 bits are stored as they are, also when they are held in a wider type or as floats; those whose
/// range fits are moved by a whole intercept. What a scanner had rescaled and nobody changed gets its pixels back. All others are spread over 65536 steps with a rescale slope and intercept, so that each is
/// off by half a step at most (``maximumError``).
struct PixelCoding: Sendable, Equatable {
  var bitsAllocated = 16
  var bitsStored = 16
  var isSigned = false
  /// What a reader multiplies with and adds: as it is written.
  var slope = DecimalString(1)
  var intercept = DecimalString(0)
  /// How far a voxel may be from what is read back, before the reader rounds: 0 for exact codings.
  var maximumError = 0.0

  /// Whether stored values are not the voxels themselves.
  var isRescaled: Bool { slope.value != 1 || intercept.value != 0 }

  /// - Parameters:
  ///   - type: of the voxels.
  ///   - range: what they are; all finite.
  ///   - object: CT and MR have 16 bits a pixel, whatever the type (DICOM PS3.3 C.8.2.1.1.4, C.8.3.1.1.4).
  /// - Throws: `StageFailure`: VALUE_RANGE.
  init(_ type: ElementType, _ range: VoxelRange, _ object: ImageObject) throws {
    let low = range.minimum
    let high = range.maximum
    let isByte = type == .uint8 || type == .bool || type == .int8
    if isByte {
      isSigned = type == .int8
      bitsAllocated = object == .secondaryCapture ? 8 : 16
      // CT stores 12 bits at least.
      bitsStored = object == .ct ? 16 : 8
    } else if type == .uint16 {
      // As it is.
    } else if range.isWhole, low >= -32768, high <= 32767 {
      isSigned = true
    } else if range.isWhole, low >= 0, high <= 65535 {
      isSigned = false
    } else if range.isWhole, high - low <= 65535, DecimalString(low).value == low {
      intercept = DecimalString(low)
    } else {
      if max(abs(low), abs(high)) > 1e300 {
        throw StageFailure(
          .badInput, code: "VALUE_RANGE", "voxels are beyond what DICOM can write (1e300)",
          port: "volume")
      }
      spread(low, high)
    }
  }

  /// The scanner's own slope and intercept, when they give every voxel exactly: the pixels are then what they were.
  ///
  /// - Returns: nil when one voxel is not what they can give.
  init?(
    scanner rescale: (slope: Double, intercept: Double), _ voxels: UnsafeRawBufferPointer,
    _ type: ElementType
  ) {
    slope = DecimalString(rescale.slope)
    intercept = DecimalString(rescale.intercept)
    guard type == .float32, slope.value == rescale.slope, intercept.value == rescale.intercept
    else { return nil }
    var low = 0.0
    var high = 0.0
    for value in voxels.bindMemory(to: Float.self) {
      let stored = ((Double(value) - intercept.value) / slope.value).rounded()
      if Float(stored * slope.value + intercept.value) != value { return nil }
      low = min(low, stored)
      high = max(high, stored)
    }
    isSigned = low < 0
    if isSigned ? low < -32768 || high > 32767 : high > 65535 { return nil }
  }

  private mutating func spread(_ low: Double, _ high: Double) {
    intercept = DecimalString(low, .down)
    let step = (high - intercept.value) / 65535
    // A single value has no range, and what is smaller than every number that DICOM can write needs no steps.
    slope = DecimalString(max(step, 1e-300), .up)
    maximumError = slope.value / 2
  }

  /// Stores voxels as they are in memory: the type has the width of the pixels, and nothing is rescaled.
  func isDirect(_ type: ElementType) -> Bool {
    if isRescaled { return false }
    switch type {
    case .uint16: return true
    case .int16: return isSigned
    case .uint8, .bool, .int8: return bitsAllocated == 8
    default: return false
    }
  }

  /// Codes voxels; `pixels` has room for as many words of 16 bits.
  func code(
    _ voxels: UnsafeRawBufferPointer, _ type: ElementType,
    into pixels: UnsafeMutableRawBufferPointer
  ) {
    switch type {
    case .bool, .uint8: code(voxels, pixels, UInt8.self) { Double($0) }
    case .int8: code(voxels, pixels, Int8.self) { Double($0) }
    case .uint16: code(voxels, pixels, UInt16.self) { Double($0) }
    case .int16: code(voxels, pixels, Int16.self) { Double($0) }
    case .uint32: code(voxels, pixels, UInt32.self) { Double($0) }
    case .int32: code(voxels, pixels, Int32.self) { Double($0) }
    case .uint64: code(voxels, pixels, UInt64.self) { Double($0) }
    case .int64: code(voxels, pixels, Int64.self) { Double($0) }
    case .float16: code(voxels, pixels, Float16.self) { Double($0) }
    case .bfloat16: code(voxels, pixels, UInt16.self) { $0.asBFloat16 }
    case .float32: code(voxels, pixels, Float.self) { Double($0) }
    case .float64: code(voxels, pixels, Double.self) { $0 }
    }
  }

  private func code<Value: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ pixels: UnsafeMutableRawBufferPointer, _: Value.Type,
    _ double: (Value) -> Double
  ) {
    let voxels = bytes.bindMemory(to: Value.self)
    let words = pixels.bindMemory(to: UInt16.self)
    let low = isSigned ? -32768.0 : 0
    let high = isSigned ? 32767.0 : 65535
    let (slope, intercept) = (self.slope.value, self.intercept.value)
    for index in voxels.indices {
      let stored = ((double(voxels[index]) - intercept) / slope).rounded()
      // Rounding may lead beyond the last step by one.
      let word = Int32(min(max(stored, low), high))
      words[index] = UInt16(truncatingIfNeeded: word).littleEndian
    }
  }
}
