package import PonsKit

/// What the voxels of a volume become, decided from the headers alone, before any pixel is read.
///
/// Integers stay integers when slopes and intercepts are whole numbers; the type is then the first of those below that holds
/// every value that the bits can express, so that it does not depend on the pixels. Everything else becomes float32, or
/// float64 when the stored values need more than float32 holds exactly.
package struct VoxelType: Sendable, Equatable {
  enum Conversion: Sendable { case none, integer, real }

  package var element: ElementType
  var conversion: Conversion

  /// - Parameter slices: format, kind and frame of each slice.
  init(_ slices: [(format: PixelFormat, kind: DataSetStructure.Pixels.Kind, frame: Frame)]) {
    var low = 0.0
    var high = 0.0
    var isWhole = true
    var isIdentity = true
    var deepest = 0
    var isFloat = false
    var isDouble = false
    for (format, kind, frame) in slices {
      if kind != .integer { isFloat = true }
      if kind == .double { isDouble = true }
      let stored = Self.range(format)
      let ends = [stored.low, stored.high].map { $0 * frame.slope + frame.intercept }
      low = min(low, ends[0], ends[1])
      high = max(high, ends[0], ends[1])
      deepest = max(deepest, format.bitsStored)
      if frame.slope != 1 || frame.intercept != 0 { isIdentity = false }
      if frame.slope != frame.slope.rounded() || frame.intercept != frame.intercept.rounded() {
        isWhole = false
      }
    }
    if isFloat {
      element = isDouble || !isIdentity && deepest > 32 ? .float64 : .float32
      conversion = isIdentity ? .none : .real
      return
    }
    let fitting = Self.ranges.first { $0.low <= low && high <= $0.high }
    if isWhole, let fitting {
      element = fitting.type
      conversion = isIdentity ? .none : .integer
    } else {
      element = deepest > 16 ? .float64 : .float32
      conversion = .real
    }
  }

  private static let ranges: [(type: ElementType, low: Double, high: Double)] = [
    (.uint8, 0, 255), (.int8, -128, 127), (.int16, -32768, 32767), (.uint16, 0, 65535),
    (.int32, -2_147_483_648, 2_147_483_647), (.uint32, 0, 4_294_967_295),
  ]

  private static func range(_ format: PixelFormat) -> (low: Double, high: Double) {
    let bits = min(max(format.bitsStored, 1), 32)
    let values = Double(UInt64(1) << UInt64(bits))
    return format.isSigned ? (-values / 2, values / 2 - 1) : (0, values - 1)
  }
}
