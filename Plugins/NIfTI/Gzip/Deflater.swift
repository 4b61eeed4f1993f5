internal import CNIfTI
internal import PonsKit

/// Compresses whole files with libdeflate.
enum Deflater {
  /// Compresses bytes into one gzip member; equal bytes and level give equal results on every machine.
  ///
  /// - Parameters:
  ///   - front: comes first, and is stored as it is: a header. The rest needs no copy behind it.
  ///   - level: 1 (fast) to 12 (small).
  ///   - body: gets the compressed bytes.
  static func compress(
    front: [UInt8] = [], _ input: UnsafeRawBufferPointer, level: Int,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let capacity = Int(pons_gzip_bound(UInt64(front.count), UInt64(input.count)))
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
    defer { output.deallocate() }
    let count = pons_gzip_compress(
      Int32(level), front, UInt64(front.count), input.baseAddress, UInt64(input.count),
      output.baseAddress, UInt64(capacity))
    guard count > 0 else {
      throw StageFailure(.resource, code: "OUT_OF_MEMORY", "no memory to compress a file")
    }
    try body(UnsafeRawBufferPointer(rebasing: output[0..<Int(count)]))
  }
}
