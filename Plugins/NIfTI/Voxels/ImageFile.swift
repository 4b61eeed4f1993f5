package import PonsKit

/// Which volumes of a file make a packet.
package enum VolumeSelection: Sendable, Equatable {
  /// The only one; files with more are refused.
  case only
  /// All of them, `[c, z, y, x]`.
  case all
  /// One of them, counted from 0 in the order of the file.
  case one(Int)
}

/// A NIfTI image on disk: its header is read when it is opened, its voxels once, when they are asked for.
package final class ImageFile {
  /// The header.
  package let header: NIfTIHeader
  /// Extensions, as they are in the file.
  package let extensions: [HeaderExtension]
  /// What a user should know about the file.
  package private(set) var notices: [Notice] = []

  private let voxels: ByteStream
  /// Offset of the first voxel in `voxels`.
  private let voxelOffset: Int

  /// Opens an image and reads its header.
  ///
  /// - Throws: `StageFailure`: that of ``ByteStream`` and of ``NIfTIHeader/init(parsing:)``; NOT_NIFTI when a pair of files
  ///   says that it is a single file, or a single one that it is a pair.
  package init(_ files: ImageFiles) throws {
    let stream = try ByteStream(path: files.header)
    header = try Self.header(stream)
    if header.isSingleFile != (files.voxels == nil) {
      throw StageFailure(
        .badInput, code: "BAD_MAGIC",
        header.isSingleFile
          ? "the header says that its voxels follow in the same file, but the name ends in .hdr"
          : "the header says that its voxels are in an .img file, but the name ends in .nii",
        hint: "rename the files")
    }
    let extensionBytes: [UInt8]
    if let path = files.voxels {
      extensionBytes = try Self.rest(stream)
      voxels = try ByteStream(path: path)
      voxelOffset = header.voxelOffset
    } else {
      extensionBytes = try stream.bytes(header.voxelOffset - stream.position)
      voxels = stream
      voxelOffset = header.voxelOffset
    }
    let parsed = HeaderExtension.parse(extensionBytes, isBigEndian: header.isBigEndian)
    extensions = parsed.extensions
    if parsed.isDamaged {
      notices.append(
        Notice(
          "EXTENSION_DAMAGED",
          "the list of header extensions is damaged; \(extensions.count) could be kept"))
    }
    if stream.isCompressed != files.isNamedCompressed {
      notices.append(
        Notice(
          "NAME_AND_CONTENT_DIFFER",
          stream.isCompressed
            ? "the file is gzip, although its name does not end in .gz"
            : "the file is not compressed, although its name ends in .gz"))
    }
  }

  private static func header(_ stream: ByteStream) throws -> NIfTIHeader {
    var bytes = [UInt8](repeating: 0, count: 4)
    let count = try bytes.withUnsafeMutableBytes { try stream.readSome(into: $0) }
    if let form = NIfTIHeader.form(first: Array(bytes.prefix(count))) {
      bytes += try stream.bytes(form.size - 4)
    }
    return try NIfTIHeader(parsing: bytes)
  }

  /// What follows the header in a .hdr file, which has its end only.
  private static func rest(_ stream: ByteStream) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = try piece.withUnsafeMutableBytes { try stream.readSome(into: $0) }
      bytes += piece.prefix(count)
      if count < piece.count { return bytes }
      if bytes.count > NIfTIHeader.largestVoxelOffset {
        throw StageFailure(.badInput, code: "BAD_OFFSET", "the .hdr file is too long for a header")
      }
    }
  }

  private var datatype: Datatype {
    get throws {
      guard let type = Datatype(rawValue: header.datatype) else {
        throw StageFailure(.internal, "a header with an unknown voxel type passed the checks")
      }
      return type
    }
  }

  /// Slope and intercept that are to be applied; nil for none: slope 0, not finite, or 1 with intercept 0.
  package var scaling: (slope: Double, intercept: Double)? {
    guard header.slope.isFinite, header.slope != 0 else { return nil }
    if header.slope == 1, header.intercept == 0 { return nil }
    return (header.slope, header.intercept)
  }

  /// The type of the voxels in a packet: as stored, or after scaling float32 for up to 16 bits, else float64.
  package var elementType: ElementType {
    get throws { scaling == nil ? try datatype.elementType : try datatype.scaledType }
  }

  /// The shape of the voxels in a packet, `[z, y, x]` or `[c, z, y, x]`.
  ///
  /// NIfTI stores x fastest, so the voxels of a file are in this order already.
  ///
  /// - Throws: `StageFailure`: FOUR_DIMENSIONS for a file with several volumes and selection `only`; NO_SUCH_VOLUME; TRUNCATED
  ///   when the file cannot hold what its header promises, which is known before memory is taken.
  package func shape(_ selection: VolumeSelection) throws -> [Int] {
    let grid = header.gridSize
    let count = header.volumeCount
    if selection == .only, count > 1 {
      throw StageFailure(
        .badInput, code: "FOUR_DIMENSIONS",
        "the file holds \(count) volumes (time points, echoes or components)",
        hint:
          "set the parameter four_d to split (each becomes a case) or keep (one case [c,z,y,x])",
        parameter: "four_d")
    }
    if case .one(let index) = selection, !(0..<count).contains(index) {
      throw StageFailure(
        .badInput, code: "NO_SUCH_VOLUME", "the file holds \(count) volumes, not \(index + 1)",
        hint: "the file was changed after its cases were listed")
    }
    let bytes = try volumeBytes * count + voxelOffset - voxels.position
    if bytes > voxels.upperBound {
      throw StageFailure(
        .badInput, code: "TRUNCATED",
        "the file is too short for the \(grid.x) x \(grid.y) x \(grid.z)"
          + "\(count > 1 ? " x \(count)" : "") voxels that its header promises",
        hint: "copy the file again from where it came from")
    }
    let shape = [grid.z, grid.y, grid.x]
    return selection == .all && count > 1 ? [count] + shape : shape
  }

  private var volumeBytes: Int {
    get throws { header.voxelsPerVolume * (try datatype.elementType.size) }
  }

  /// Reads the voxels; may be called once.
  ///
  /// - Parameters:
  ///   - memory: room for the shape of ``shape(_:)`` in elements of ``elementType``; nothing is copied on the way.
  ///   - progress: called a few times a second with 0...1; what it throws ends the reading.
  /// - Throws: `StageFailure`: that of ``ByteStream``.
  package func readVoxels(
    _ selection: VolumeSelection, into memory: UnsafeMutableRawBufferPointer,
    progress: (Double) throws -> Void = { _ in }
  ) throws {
    let type = try datatype
    let volumeBytes = try volumeBytes
    try voxels.skip(voxelOffset - voxels.position)
    var stored = volumeBytes
    switch selection {
    case .only: break
    case .all: stored *= header.volumeCount
    case .one(let index): try voxels.skip(index * volumeBytes)
    }
    let reader = VoxelReader(type: type, swaps: header.isBigEndian, scaling: scaling)
    try reader.read(stored, from: voxels, into: memory, progress: progress)
    try voxels.finish()
  }
}
