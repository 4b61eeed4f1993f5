internal import Glibc
internal import PonsFiles
package import PonsKit

/// Writes a packet's voxels as a NIfTI file.
package struct ImageWriter {
  /// How the file is stored.
  package enum Format: String, Sendable, Codable {
    case nii
    case niiGz = "nii.gz"
  }

  /// The file's header.
  package private(set) var header: NIfTIHeader
  /// Kept from the file that the packet came from.
  package let extensions: [HeaderExtension]
  private let source: ElementType

  /// Describes the file.
  ///
  /// The header of the NIfTI file that the voxels came from is kept as it was when it still describes them: when its affine
  /// equals that of the packet in every bit, and its grid has the same size. Otherwise the affine is written as sform, and as
  /// qform where that can say the same.
  ///
  /// - Parameters:
  ///   - shape: `[z, y, x]` or `[c, z, y, x]`.
  ///   - affine: 4 x 4, row by row, in millimetres.
  ///   - facts: `nifti` in the packet's metadata.
  ///   - privateFacts: `nifti` in the packet's sidecar.
  /// - Throws: `StageFailure` of category `badInput`: UNSUPPORTED_SHAPE, BAD_GEOMETRY.
  package init(
    type: ElementType, shape: [Int], affine: [Double], facts: JSON? = nil,
    privateFacts: JSON? = nil
  ) throws {
    guard (3...4).contains(shape.count), shape.allSatisfy({ $0 > 0 }) else {
      throw StageFailure(
        .badInput, code: "UNSUPPORTED_SHAPE",
        "voxels of shape \(shape) cannot be written; expected [z, y, x] or [c, z, y, x]")
    }
    guard affine.count == 16, affine.allSatisfy(\.isFinite) else {
      throw StageFailure(
        .badInput, code: "BAD_GEOMETRY", "the affine must be 16 finite numbers")
    }
    source = type
    let grid = [shape[shape.count - 1], shape[shape.count - 2], shape[shape.count - 3]]
    let channels = shape.count == 4 ? shape[0] : 1
    if var kept = NIfTIHeader(facts: facts, privateFacts: privateFacts),
      let geometry = try? kept.geometry(), geometry.affine == affine,
      [kept.gridSize.x, kept.gridSize.y, kept.gridSize.z] == grid
    {
      if kept.volumeCount != channels { kept.dim = Self.dim(grid, channels) }
      header = kept
      extensions = NIfTIHeader.extensions(privateFacts: privateFacts)
    } else {
      header = NIfTIHeader()
      if (grid + [channels]).contains(where: { $0 > Int(Int16.max) }) { header.version = 2 }
      header.dim = Self.dim(grid, channels)
      header.setGeometry(affine: affine)
      extensions = []
    }
    guard let datatype = Datatype(storedType) else {
      throw StageFailure(
        .internal, code: "UNSUPPORTED_VOXEL_TYPE", "no NIfTI type for \(storedType.rawValue)")
    }
    header.datatype = datatype.rawValue
    header.bitpix = storedType.size * 8
    header.slope = 1
    header.intercept = 0
    header.isBigEndian = false
    header.isSingleFile = true
    header.voxelOffset = header.layout.size + HeaderExtension.encode(extensions).count
  }

  private static func dim(_ grid: [Int], _ channels: Int) -> [Int] {
    [channels > 1 ? 4 : 3] + grid + [channels, 1, 1, 1]
  }

  /// What the voxels are stored as: NIfTI has neither truth values (uint8 holds them) nor 16-bit floats (float32 does,
  /// exactly).
  private var storedType: ElementType {
    switch source {
    case .bool: .uint8
    case .float16, .bfloat16: .float32
    default: source
    }
  }

  /// Everything in front of the voxels.
  private var front: [UInt8] { header.encoded + HeaderExtension.encode(extensions) }

  /// Makes the bytes of a file.
  ///
  /// - Parameters:
  ///   - voxels: all elements, C order.
  ///   - level: 1 (fast) to 12 (small), for `nii.gz`.
  ///   - body: gets the pieces of the file, in their order. The voxels are among them as they are, where they are stored so.
  /// - Throws: `StageFailure` of category `resource` when memory is short, and what `body` throws.
  package func encode(
    _ voxels: UnsafeRawBufferPointer, format: Format, level: Int = 1,
    _ body: ([UnsafeRawBufferPointer]) throws -> Void
  ) throws {
    let widened = Self.widened(voxels, source)
    defer { widened?.deallocate() }
    let voxels = widened.map { UnsafeRawBufferPointer($0) } ?? voxels
    switch format {
    case .nii: try front.withUnsafeBytes { try body([$0, voxels]) }
    case .niiGz: try Deflater.compress(front: front, voxels, level: level) { try body([$0]) }
    }
  }

  /// Writes a file. One that is there is replaced.
  ///
  /// - Throws: `StageFailure` of category `resource` when the disk is full or memory is short.
  package func write(
    _ voxels: UnsafeRawBufferPointer, to path: String, format: Format, level: Int = 1
  ) throws {
    try encode(voxels, format: format, level: level) { pieces in
      let file = try NewFile(path: path)
      for piece in pieces { try file.write(piece) }
      try file.close()
    }
  }

  /// 16-bit floats as float32; nil for everything that is stored as it is.
  private static func widened(
    _ voxels: UnsafeRawBufferPointer, _ type: ElementType
  ) -> UnsafeMutableRawBufferPointer? {
    guard type == .float16 || type == .bfloat16 else { return nil }
    let input = voxels.bindMemory(to: UInt16.self)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count * 4, alignment: 64)
    let output = memory.bindMemory(to: Float.self)
    for index in input.indices {
      output[index] =
        type == .float16
        ? Float(Float16(bitPattern: input[index])) : Float(bitPattern: UInt32(input[index]) << 16)
    }
    return memory
  }
}
