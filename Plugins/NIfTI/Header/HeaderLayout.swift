/// Where a field of the header lies: byte offset, type and number of values.
struct HeaderField: Sendable {
  /// The type of a field's values.
  enum Kind: Sendable {
    case byte, int16, int32, int64, float32, float64

    var size: Int {
      switch self {
      case .byte: 1
      case .int16: 2
      case .int32, .float32: 4
      case .int64, .float64: 8
      }
    }
  }

  let kind: Kind
  let offset: Int
  let count: Int

  init(_ kind: Kind, _ offset: Int, count: Int = 1) {
    self.kind = kind
    self.offset = offset
    self.count = count
  }
}

/// The two layouts of the NIfTI header, as nifti1.h and nifti2.h define them. Reading and writing both go by it.
struct HeaderLayout: Sendable {
  /// `sizeof_hdr`, also the first field (int32 at 0).
  let size: Int
  /// Magic of a file that holds header and voxels.
  let singleMagic: [UInt8]
  /// Magic of a header whose voxels are in another file.
  let pairMagic: [UInt8]
  let magic: HeaderField
  let dimInfo: HeaderField
  let dim: HeaderField
  let intentParameters: [HeaderField]
  let intentCode: HeaderField
  let datatype: HeaderField
  let bitpix: HeaderField
  let sliceStart: HeaderField
  let sliceEnd: HeaderField
  let sliceCode: HeaderField
  let sliceDuration: HeaderField
  let pixdim: HeaderField
  let voxelOffset: HeaderField
  let slope: HeaderField
  let intercept: HeaderField
  let units: HeaderField
  let displayMaximum: HeaderField
  let displayMinimum: HeaderField
  let timeOffset: HeaderField
  let description: HeaderField
  let auxiliaryFile: HeaderField
  let qformCode: HeaderField
  let sformCode: HeaderField
  let quaternion: HeaderField
  let qformOffset: HeaderField
  let sform: HeaderField
  let intentName: HeaderField

  /// The smallest offset of voxels in a single file: behind the header and the four bytes of the extender.
  var smallestVoxelOffset: Int { size + 4 }

  /// NIfTI-1: 348 bytes, magic `n+1` or `ni1` at the end.
  static let version1 = HeaderLayout(
    size: 348,
    singleMagic: Array("n+1\0".utf8),
    pairMagic: Array("ni1\0".utf8),
    magic: HeaderField(.byte, 344, count: 4),
    dimInfo: HeaderField(.byte, 39),
    dim: HeaderField(.int16, 40, count: 8),
    intentParameters: [
      HeaderField(.float32, 56), HeaderField(.float32, 60), HeaderField(.float32, 64),
    ],
    intentCode: HeaderField(.int16, 68),
    datatype: HeaderField(.int16, 70),
    bitpix: HeaderField(.int16, 72),
    sliceStart: HeaderField(.int16, 74),
    sliceEnd: HeaderField(.int16, 120),
    sliceCode: HeaderField(.byte, 122),
    sliceDuration: HeaderField(.float32, 132),
    pixdim: HeaderField(.float32, 76, count: 8),
    voxelOffset: HeaderField(.float32, 108),
    slope: HeaderField(.float32, 112),
    intercept: HeaderField(.float32, 116),
    units: HeaderField(.byte, 123),
    displayMaximum: HeaderField(.float32, 124),
    displayMinimum: HeaderField(.float32, 128),
    timeOffset: HeaderField(.float32, 136),
    description: HeaderField(.byte, 148, count: 80),
    auxiliaryFile: HeaderField(.byte, 228, count: 24),
    qformCode: HeaderField(.int16, 252),
    sformCode: HeaderField(.int16, 254),
    quaternion: HeaderField(.float32, 256, count: 3),
    qformOffset: HeaderField(.float32, 268, count: 3),
    sform: HeaderField(.float32, 280, count: 12),
    intentName: HeaderField(.byte, 328, count: 16))

  /// NIfTI-2: 540 bytes, magic `n+2` or `ni2` at 4. The magic ends in bytes that a transfer as text would change.
  static let version2 = HeaderLayout(
    size: 540,
    singleMagic: Array("n+2\0\r\n\u{1a}\n".utf8),
    pairMagic: Array("ni2\0\r\n\u{1a}\n".utf8),
    magic: HeaderField(.byte, 4, count: 8),
    dimInfo: HeaderField(.byte, 524),
    dim: HeaderField(.int64, 16, count: 8),
    intentParameters: [
      HeaderField(.float64, 80), HeaderField(.float64, 88), HeaderField(.float64, 96),
    ],
    intentCode: HeaderField(.int32, 504),
    datatype: HeaderField(.int16, 12),
    bitpix: HeaderField(.int16, 14),
    sliceStart: HeaderField(.int64, 224),
    sliceEnd: HeaderField(.int64, 232),
    sliceCode: HeaderField(.int32, 496),
    sliceDuration: HeaderField(.float64, 208),
    pixdim: HeaderField(.float64, 104, count: 8),
    voxelOffset: HeaderField(.int64, 168),
    slope: HeaderField(.float64, 176),
    intercept: HeaderField(.float64, 184),
    units: HeaderField(.int32, 500),
    displayMaximum: HeaderField(.float64, 192),
    displayMinimum: HeaderField(.float64, 200),
    timeOffset: HeaderField(.float64, 216),
    description: HeaderField(.byte, 240, count: 80),
    auxiliaryFile: HeaderField(.byte, 320, count: 24),
    qformCode: HeaderField(.int32, 344),
    sformCode: HeaderField(.int32, 348),
    quaternion: HeaderField(.float64, 352, count: 3),
    qformOffset: HeaderField(.float64, 376, count: 3),
    sform: HeaderField(.float64, 400, count: 12),
    intentName: HeaderField(.byte, 508, count: 16))
}
