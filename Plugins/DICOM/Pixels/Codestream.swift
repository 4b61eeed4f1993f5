internal import PonsKit

/// What a codestream says about itself, checked before a decoder sees it: size, depth, and whether it is there to its end. The
/// decoders take memory for whatever size is claimed, and make pictures of streams that are cut off.
enum Codestream {
  /// - Returns: bits of a pixel, where they are read here.
  /// - Throws: `StageFailure`: BAD_CODESTREAM.
  static func check(_ stream: [UInt8], _ format: PixelFormat, _ syntax: TransferSyntax) throws
    -> Int?
  {
    var precision: Int?
    switch syntax.pixels {
    case .native, .unknown: return nil
    // Its header is checked where it is decoded.
    case .openJPEG: break
    case .dcmtk: precision = try checkJPEG(stream, format)
    // Its decoder checks on the way.
    case .runLength: break
    }
    // Nothing that a scanner makes is packed so tightly; a small file must not ask for much memory.
    if format.frameBytes > 16 << 20, format.frameBytes / 2000 > stream.count {
      throw bad("\(stream.count) bytes cannot hold \(format.columns) x \(format.rows) pixels")
    }
    return precision
  }

  // MARK: JPEG and JPEG-LS (ITU-T T.81 annex B, T.87 annex C)

  private static func checkJPEG(_ stream: [UInt8], _ format: PixelFormat) throws -> Int {
    guard stream.count >= 4, stream[0] == 0xff, stream[1] == 0xd8 else {
      throw bad("the codestream does not begin like JPEG")
    }
    func word(_ index: Int) -> Int { Int(stream[index]) << 8 | Int(stream[index + 1]) }
    var position = 2
    var precision: Int?
    while true {
      guard position + 4 <= stream.count else { throw bad("the codestream ends in its header") }
      guard stream[position] == 0xff else { throw bad("a marker of the codestream is damaged") }
      let marker = stream[position + 1]
      if marker == 0xff {
        position += 1
        continue
      }
      let length = word(position + 2)
      guard length >= 2, position + 2 + length <= stream.count else {
        throw bad("a marker segment of the codestream is cut off")
      }
      // Start of frame: all of C0...CF but DHT, JPG and DAC; F7 in JPEG-LS.
      let isFrame = (0xc0...0xcf).contains(marker) && ![0xc4, 0xc8, 0xcc].contains(marker)
      if isFrame || marker == 0xf7 {
        guard length >= 8 else { throw bad("the frame header of the codestream is cut off") }
        let bits = Int(stream[position + 4])
        let rows = word(position + 5)
        let columns = word(position + 7)
        let components = Int(stream[position + 9])
        guard rows == format.rows, columns == format.columns else {
          throw bad(
            "the codestream is \(columns) x \(rows), the header says \(format.columns) x \(format.rows)"
          )
        }
        guard components == 1 else { throw bad("the codestream has \(components) components") }
        guard bits <= format.bitsAllocated, bits >= 2 else {
          throw bad("the codestream has \(bits) bits, the header \(format.bitsAllocated)")
        }
        precision = bits
      }
      if marker == 0xda { break }
      position += 2 + length
    }
    guard let precision else { throw bad("the codestream has no frame header") }
    guard hasEnd(stream) else { throw bad("the codestream has no end: it is cut off") }
    return precision
  }

  /// Whether the last bytes are an end marker; zeros may fill it up, and any single byte.
  static func hasEnd(_ stream: [UInt8]) -> Bool {
    var end = stream.count
    while end > 2, stream[end - 1] == 0 { end -= 1 }
    return [end, end - 1].contains { $0 >= 2 && stream[$0 - 2] == 0xff && stream[$0 - 1] == 0xd9 }
  }

  static func bad(_ message: String) -> StageFailure {
    StageFailure(
      .badInput, code: "BAD_CODESTREAM", message,
      hint: "the file is damaged; copy it again from where it came from")
  }
}
