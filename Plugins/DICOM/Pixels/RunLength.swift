internal import PonsKit

/// Decodes RLE (DICOM PS3.5 annex G): a segment for each byte of a pixel, most significant first, packed like TIFF's PackBits.
///
/// DCMTK decodes it too, but fills up what is missing, and is slower by the copies that it makes.
enum RunLength {
  /// - Parameter pixels: room for a frame; filled in this machine's byte order.
  /// - Throws: `StageFailure`: BAD_CODESTREAM.
  static func decode(
    _ stream: [UInt8], _ format: PixelFormat, into pixels: UnsafeMutableRawBufferPointer
  ) throws {
    guard stream.count > 64 else { throw Codestream.bad("the RLE header is cut off") }
    func number(_ index: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(stream[4 * index + $1]) << (8 * $1) }
    }
    let size = format.bitsAllocated / 8
    guard number(0) == size else {
      throw Codestream.bad("\(number(0)) RLE segments instead of \(size)")
    }
    let starts = (1...size).map(number)
    let ends = starts.dropFirst() + [stream.count]
    guard starts[0] >= 64, zip(starts, ends).allSatisfy({ $0 < $1 && $1 <= stream.count }) else {
      throw Codestream.bad("an RLE segment lies outside the frame")
    }
    let count = format.rows * format.columns
    for (segment, range) in zip(starts, ends).enumerated() {
      let made = stream.withUnsafeBytes { bytes in
        unpack(
          UnsafeRawBufferPointer(rebasing: bytes[range.0..<range.1]),
          into: pixels, from: size - 1 - segment, every: size, count: count)
      }
      if made != count {
        throw Codestream.bad("an RLE segment unpacks to \(made) bytes instead of \(count)")
      }
    }
  }

  /// Unpacks a segment to every `stride`-th byte; says how many there were, at most one run more than `count`. A byte that
  /// fills the segment up to an even length may follow.
  private static func unpack(
    _ packed: UnsafeRawBufferPointer, into pixels: UnsafeMutableRawBufferPointer, from first: Int,
    every stride: Int, count: Int
  ) -> Int {
    var position = 0
    var made = 0
    var place = first
    while position < packed.count, made < count {
      let code = Int(packed[position])
      position += 1
      if code < 128 {
        let length = code + 1
        if length > packed.count - position || length > count - made { return made + length }
        for index in 0..<length {
          pixels[place] = packed[position + index]
          place += stride
        }
        position += length
        made += length
      } else if code > 128 {
        let length = 257 - code
        if position >= packed.count || length > count - made { return made + length }
        let value = packed[position]
        position += 1
        for _ in 0..<length {
          pixels[place] = value
          place += stride
        }
        made += length
      }
    }
    // Zeros and codes for nothing may fill a segment up; anything else was lost on the way.
    let rest = packed[position...]
    return rest.count > 1 && rest.contains { $0 != 0 && $0 != 0x80 } ? made + rest.count : made
  }
}
