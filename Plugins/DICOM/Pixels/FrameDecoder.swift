internal import CDCMTK
internal import COpenJPEG
internal import PonsKit

/// Decodes compressed frames.
enum FrameDecoder {
  /// Decodes a codestream into pixels of this machine's byte order.
  ///
  /// - Parameter pixels: room for ``PixelFormat/frameBytes``.
  /// - Throws: `StageFailure`: BAD_CODESTREAM.
  static func decode(
    _ stream: [UInt8], _ format: PixelFormat, _ syntax: TransferSyntax,
    into pixels: UnsafeMutableRawBufferPointer
  ) throws {
    let precision = try Codestream.check(stream, format, syntax)
    var message = [CChar](repeating: 0, count: 256)
    let status: Int32
    switch syntax.pixels {
    case .native, .unknown:
      throw StageFailure(.internal, "\(syntax.name) is no compressed transfer syntax")
    case .runLength: return try RunLength.decode(stream, format, into: pixels)
    case .openJPEG:
      let header = try JPEG2000Header(stream, format)
      if header.isSigned, !format.isSigned {
        throw Codestream.bad("the codestream has a sign, and the header says that there is none")
      }
      var coded = pons_jpeg2000()
      coded.columns = UInt32(format.columns)
      coded.rows = UInt32(format.rows)
      coded.precision = UInt32(header.precision)
      coded.is_signed = header.isSigned ? 1 : 0
      coded.depth_offset = header.isReversible && !syntax.isLossy ? UInt64(header.depthOffset) : 0
      status = stream.withUnsafeBytes { bytes in
        pons_openjpeg_decode(
          bytes.baseAddress, UInt64(bytes.count), &coded, UInt32(format.bitsAllocated / 8),
          pixels.baseAddress, &message, UInt64(message.count))
      }
    case .dcmtk:
      var frame = pons_frame()
      frame.rows = UInt16(clamping: format.rows)
      frame.columns = UInt16(clamping: format.columns)
      frame.bits_allocated = UInt16(clamping: format.bitsAllocated)
      frame.bits_stored = UInt16(clamping: format.bitsStored)
      frame.is_signed = format.isSigned ? 1 : 0
      status = stream.withUnsafeBytes { bytes in
        pons_codec_decode(
          syntax.uid, &frame, bytes.baseAddress, UInt64(bytes.count), pixels.baseAddress,
          UInt64(pixels.count), &message, UInt64(message.count))
      }
    }
    if status != 0 {
      throw Codestream.bad("the codestream is damaged: \(String(cBuffer: message))")
    }
    if let precision, precision < format.bitsAllocated, exceeds(pixels, format, precision) {
      throw Codestream.bad("a pixel does not fit into the \(precision) bits of the codestream")
    }
  }

  /// Whether a pixel is out of range: lossless JPEG adds differences, and a damaged one leads anywhere.
  private static func exceeds(
    _ pixels: UnsafeMutableRawBufferPointer, _ format: PixelFormat, _ precision: Int
  ) -> Bool {
    if format.bitsAllocated == 8 { return pixels.contains { $0 >> precision != 0 } }
    return pixels.bindMemory(to: UInt16.self).contains { $0 >> precision != 0 }
  }
}
