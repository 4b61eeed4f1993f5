internal import CNIfTI
package import PonsKit

extension NIfTIHeader {
  /// The longest header.
  static let longest = 540

  /// How long a header is that begins with these four bytes, and its byte order; nil when they are no `sizeof_hdr`.
  package static func form(first four: [UInt8]) -> (size: Int, isBigEndian: Bool)? {
    guard four.count >= 4 else { return nil }
    for isBigEndian in [false, true] {
      let size = HeaderBytes(bytes: four, isBigEndian: isBigEndian).integers(HeaderField(.int32, 0))
      if size[0] == 348 || size[0] == 540 { return (size[0], isBigEndian) }
    }
    return nil
  }

  /// Reads a header of 348 or 540 bytes and checks everything that its voxels depend on.
  ///
  /// - Throws: `StageFailure` of category `badInput`, with a code for each defect: NOT_NIFTI, BAD_MAGIC, BAD_DIMENSIONS,
  ///   UNSUPPORTED_VOXEL_TYPE, BAD_BITPIX, BAD_OFFSET, BAD_SCALING.
  package init(parsing bytes: [UInt8]) throws(StageFailure) {
    self.init()
    guard let form = Self.form(first: bytes), bytes.count >= form.size else {
      throw StageFailure(
        .badInput, code: "NOT_NIFTI", "the file does not begin with a NIfTI-1 or NIfTI-2 header",
        hint: "the first four bytes must be the header's size, 348 or 540")
    }
    version = form.size == 540 ? 2 : 1
    isBigEndian = form.isBigEndian
    let raw = HeaderBytes(bytes: Array(bytes.prefix(form.size)), isBigEndian: form.isBigEndian)
    try readMagic(raw)
    readFields(raw)
    try checkDimensions()
    try checkVoxelType()
    try checkScaling()
    try readOffset(raw)
    try checkAgainstLibrary(raw)
  }

  private mutating func readMagic(_ raw: HeaderBytes) throws(StageFailure) {
    let magic = raw.text(layout.magic)
    if magic == layout.singleMagic {
      isSingleFile = true
    } else if magic == layout.pairMagic {
      isSingleFile = false
    } else {
      throw StageFailure(
        .badInput, code: "BAD_MAGIC",
        "the header has the size of NIfTI-\(version), but not its magic bytes",
        hint: "an ANALYZE 7.5 file has no magic: convert it to NIfTI with a tool that knows its "
          + "orientation; a NIfTI-2 file whose magic is changed was transferred as text")
    }
  }

  private mutating func readFields(_ raw: HeaderBytes) {
    let layout = layout
    dim = raw.integers(layout.dim)
    datatype = raw.integers(layout.datatype)[0]
    bitpix = raw.integers(layout.bitpix)[0]
    pixdim = raw.reals(layout.pixdim)
    slope = raw.reals(layout.slope)[0]
    intercept = raw.reals(layout.intercept)[0]
    units = raw.integers(layout.units)[0]
    qformCode = raw.integers(layout.qformCode)[0]
    sformCode = raw.integers(layout.sformCode)[0]
    quaternion = raw.reals(layout.quaternion)
    qformOffset = raw.reals(layout.qformOffset)
    sform = raw.reals(layout.sform)
    intentCode = raw.integers(layout.intentCode)[0]
    intentParameters = layout.intentParameters.map { raw.reals($0)[0] }
    intentName = Self.trimmed(raw.text(layout.intentName))
    dimInfo = raw.integers(layout.dimInfo)[0]
    sliceStart = raw.integers(layout.sliceStart)[0]
    sliceEnd = raw.integers(layout.sliceEnd)[0]
    sliceCode = raw.integers(layout.sliceCode)[0]
    sliceDuration = raw.reals(layout.sliceDuration)[0]
    timeOffset = raw.reals(layout.timeOffset)[0]
    displayMaximum = raw.reals(layout.displayMaximum)[0]
    displayMinimum = raw.reals(layout.displayMinimum)[0]
    description = Self.trimmed(raw.text(layout.description))
    auxiliaryFile = Self.trimmed(raw.text(layout.auxiliaryFile))
  }

  /// Text without the zeros that fill it up.
  private static func trimmed(_ text: [UInt8]) -> [UInt8] {
    Array(text.prefix(text.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0))
  }

  /// Dimensions are positive, and nothing that is computed from them overflows.
  func checkDimensions() throws(StageFailure) {
    guard (1...7).contains(dim[0]) else {
      throw StageFailure(
        .badInput, code: "BAD_DIMENSIONS",
        "the header claims \(dim[0]) dimensions; NIfTI has 1 to 7")
    }
    var bytes = max(1, bitpix / 8)
    for dimension in 1...dim[0] {
      let extent = dim[dimension]
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      // Far from the end of the numbers, so that nothing that is computed from it overflows.
      if extent < 1 || overflow || product > Int.max >> 4 {
        throw StageFailure(
          .badInput, code: "BAD_DIMENSIONS",
          extent < 1
            ? "dimension \(dimension) of the header is \(extent); it must be at least 1"
            : "the dimensions of the header are too large for any memory")
      }
      bytes = product
    }
  }

  private func checkVoxelType() throws(StageFailure) {
    guard let type = Datatype(rawValue: datatype) else {
      let name =
        Datatype.unsupportedName(datatype) ?? "code \(datatype), which NIfTI does not define"
      throw StageFailure(
        .badInput, code: "UNSUPPORTED_VOXEL_TYPE", "the voxels are of type \(name)",
        hint: "supported are 8, 16, 32 and 64 bit integers, float32 and float64")
    }
    if bitpix != type.elementType.size * 8 {
      throw StageFailure(
        .badInput, code: "BAD_BITPIX",
        "the header says \(bitpix) bits a voxel, but its voxel type \(type) has "
          + "\(type.elementType.size * 8)")
    }
  }

  private func checkScaling() throws(StageFailure) {
    if slope.isFinite, slope != 0, !intercept.isFinite {
      throw StageFailure(
        .badInput, code: "BAD_SCALING",
        "the header scales voxels with slope \(slope), but the intercept is \(intercept)")
    }
  }

  private mutating func readOffset(_ raw: HeaderBytes) throws(StageFailure) {
    let stored = raw.reals(layout.voxelOffset)[0]
    let smallest = isSingleFile ? layout.smallestVoxelOffset : 0
    guard let offset = Int(exactly: stored), offset >= smallest, offset <= Self.largestVoxelOffset
    else {
      throw StageFailure(
        .badInput, code: "BAD_OFFSET",
        "the header puts the voxels at byte \(stored); "
          + "expected a whole number from \(smallest) to \(Self.largestVoxelOffset)")
    }
    voxelOffset = offset
  }

  /// Extensions are kept in memory, so there is an end to what a header may claim.
  static let largestVoxelOffset = 256 << 20

  /// niftilib reads the same header. Where the two disagree, one of them is wrong, and nobody should trust the voxels.
  private func checkAgainstLibrary(_ raw: HeaderBytes) throws(StageFailure) {
    var image = pons_nifti_image()
    let status = raw.bytes.withUnsafeBytes {
      pons_nifti_decode($0.baseAddress, UInt64($0.count), &image)
    }
    let dims = [image.dim.1, image.dim.2, image.dim.3].map { Int($0) }
    let grid = gridSize
    guard status == 0, dims == [grid.x, grid.y, grid.z], Int(image.datatype) == datatype,
      (image.is_swapped != 0) == (isBigEndian == (Int(littleEndian: 1) == 1))
    else {
      throw StageFailure(.badInput, code: "NOT_NIFTI", "niftilib cannot read the header")
    }
  }
}
