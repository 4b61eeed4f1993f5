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
    try Codestream.check(stream, format, syntax)
    var message = [CChar](repeating: 0, count: 256)
    let status: Int32
    switch syntax.pixels {
    case .native, .unknown:
      throw StageFailure(.internal, "\(syntax.name) is no compressed transfer syntax")
    case .runLength: return try RunLength.decode(stream, format, into: pixels)
    case .openJPEG:
      var found = pons_jpeg2000()
      status = stream.withUnsafeBytes { bytes in
        pons_openjpeg_decode(
          bytes.baseAddress, UInt64(bytes.count), UInt32(format.columns), UInt32(format.rows),
          UInt32(format.bitsAllocated / 8), pixels.baseAddress, &found, &message,
          UInt64(message.count))
      }
      if status == 0, found.is_signed != 0, !format.isSigned {
        throw Codestream.bad("the codestream has a sign, and the header says that there is none")
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
  }
}
