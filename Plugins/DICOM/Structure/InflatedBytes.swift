internal import CDCMTK
internal import PonsKit

/// A data set that was inflated (Deflated Explicit VR Little Endian, DICOM PS3.5 section A.5); owns the memory.
final class InflatedBytes {
  private let bytes: UnsafeMutablePointer<UInt8>?
  let count: Int

  /// What may come out of a stream: no image is packed more tightly, but for small ones that are empty; and more than 1 GiB is
  /// no image.
  private static func limit(_ size: Int) -> UInt64 {
    UInt64(min(1 << 30, max(64 << 20, 100 * size)))
  }

  /// Inflates.
  ///
  /// - Throws: `StageFailure`: BAD_DEFLATE.
  init(_ stream: UnsafeRawBufferPointer) throws {
    var made: UnsafeMutablePointer<UInt8>?
    var size: UInt64 = 0
    let limit = Self.limit(stream.count)
    switch pons_inflate(stream.baseAddress, UInt64(stream.count), limit, &made, &size) {
    case PONS_INFLATED: break
    case PONS_INFLATE_MEMORY:
      throw StageFailure(.resource, code: "OUT_OF_MEMORY", "no memory to inflate a file")
    case PONS_INFLATE_TOO_LARGE:
      throw StageFailure(
        .badInput, code: "BAD_DEFLATE",
        "more than \(limit >> 20) MiB come out of the deflated data set")
    default:
      throw StageFailure(
        .badInput, code: "BAD_DEFLATE", "the deflated data set is damaged or ends early",
        hint: "copy the file again from where it came from")
    }
    bytes = made
    count = Int(size)
  }

  deinit { pons_inflate_free(bytes) }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
  }
}
