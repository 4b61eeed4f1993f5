internal import PonsFiles
internal import PonsKit

/// Writes a volume as a series of DICOM files, one a slice.
struct SeriesWriter {
  private let attributes: SeriesAttributes
  private let type: ElementType
  /// `[z, y, x]`.
  private let shape: [Int]

  /// Series that are stored with loss tell by how much.
  var coding: PixelCoding { attributes.coding }

  /// - Parameters:
  ///   - voxels: in C order.
  ///   - shape: `[z, y, x]`.
  ///   - affine: to RAS+, 16 numbers.
  ///   - origin: what is known about the volume.
  ///   - name: what the UIDs depend on beside the volume: case and seed.
  ///   - progress: called now and then; what it throws ends the work.
  /// - Throws: `StageFailure`: NOT_3D, EMPTY, TOO_LARGE, NOT_FINITE, VALUE_RANGE, BAD_AFFINE, SHEARED_ROWS.
  init(
    _ voxels: UnsafeRawBufferPointer, _ type: ElementType, shape: [Int], affine: [Double],
    origin: VolumeOrigin, parameters: DICOMWrite.Parameters, name: [String],
    progress: () throws -> Void
  ) throws {
    try Self.check(shape)
    self.type = type
    self.shape = shape
    let grid = try SliceGrid(affine: affine)
    let range = try VoxelRange(voxels, type, progress: progress)
    if range.notFinite > 0 {
      throw StageFailure(
        .badInput, code: "NOT_FINITE",
        "\(range.notFinite) voxels are infinite or not a number, and DICOM has pixels with numbers only",
        hint: "replace them before", port: "volume")
    }
    let object = ImageObject(parameters.as, modality: origin.modality)
    let isShared = parameters.study?.isEmpty == false
    let study = try DerivedUID.of(
      "study", [parameters.patient_id] + (isShared ? [parameters.study ?? ""] : name))
    var series = DerivedUID("series")
    for text in name + parameters.identity + [study, origin.identity, object.sopClass] {
      series.add(text)
    }
    series.add("\(type.rawValue) \(shape) \(affine)")
    series.add(voxels)
    let own = origin.rescale.flatMap { PixelCoding(scanner: $0, voxels, type) }
    attributes = SeriesAttributes(
      object: object, origin: origin, grid: grid,
      coding: try own ?? PixelCoding(type, range, object),
      range: range, rows: shape[1], columns: shape[2], parameters: parameters,
      seriesUID: try series.finish(), ownStudyUID: study,
      ownFrameUID: try DerivedUID.of("frame of reference", [study]))
  }

  private static func check(_ shape: [Int]) throws {
    guard shape.count == 3 else {
      throw StageFailure(
        .badInput, code: "NOT_3D",
        "the volume has \(shape.count) dimensions, and a series of slices has 3",
        hint: "split it into a case a volume before", port: "volume")
    }
    if shape.contains(0) {
      throw StageFailure(.badInput, code: "EMPTY", "the volume has no voxels", port: "volume")
    }
    if shape[1] > 65535 || shape[2] > 65535 || shape[1] * shape[2] > Int(UInt32.max) / 2 - 1 {
      throw StageFailure(
        .badInput, code: "TOO_LARGE",
        "slices of \(shape[2]) x \(shape[1]) pixels are larger than DICOM allows", port: "volume")
    }
  }

  /// Writes the files.
  ///
  /// - Parameters:
  ///   - voxels: the same as before.
  ///   - folder: where they go.
  ///   - progress: called for every slice with 0...1; what it throws ends the writing.
  /// - Returns: their names, in the order of the normal.
  func write(
    _ voxels: UnsafeRawBufferPointer, to folder: String, progress: (Double) throws -> Void
  ) throws -> [String] {
    let header = try FileHeader()
    try attributes.fill(header)
    let count = shape[0]
    let sliceBytes = voxels.count / count
    let pixelBytes = shape[1] * shape[2] * coding.bitsAllocated / 8
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: coding.isDirect(type) ? 0 : pixelBytes, alignment: 64)
    defer { scratch.deallocate() }
    let width = max(4, "\(count)".utf8.count)
    return try (0..<count).map { index in
      try progress(Double(index) / Double(count))
      let z = attributes.grid.isReversed ? count - 1 - index : index
      try place(slice: z, number: index + 1, in: header)
      let digits = "\(index + 1)"
      let name = String(repeating: "0", count: width - digits.utf8.count) + digits + ".dcm"
      var pixels = UnsafeRawBufferPointer(
        rebasing: voxels[z * sliceBytes..<(z + 1) * sliceBytes])
      if !coding.isDirect(type) {
        coding.code(pixels, type, into: scratch)
        pixels = UnsafeRawBufferPointer(scratch)
      }
      try write(pixels, header, to: "\(folder)/\(name)")
      return name
    }
  }

  /// What differs from slice to slice.
  private func place(slice z: Int, number: Int, in header: FileHeader) throws {
    let position = attributes.grid.position(slice: z)
    try header.set(
      0x0008_0018, DerivedUID.of("instance", [attributes.seriesUID, "\(number)"]))
    try header.set(0x0020_0013, "\(number)")
    try header.set(0x0020_0032, DecimalString.list([position.x, position.y, position.z]))
    try header.set(0x0020_1041, DecimalString(attributes.grid.location(slice: z)).text)
  }

  private func write(
    _ pixels: UnsafeRawBufferPointer, _ header: FileHeader, to path: String
  ) throws {
    let file = try NewFile(path: path)
    let padding = pixels.count % 2
    try header.withEncoded(pixelBytes: UInt32(pixels.count + padding)) { try file.write($0) }
    try file.write(pixels)
    if padding > 0 { try withUnsafeBytes(of: UInt8(0)) { try file.write($0) } }
    try file.close()
  }
}
