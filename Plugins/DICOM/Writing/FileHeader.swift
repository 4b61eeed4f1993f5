internal import CDCMTK
internal import PonsKit

/// The header of a file that is being made: attributes, encoded by DCMTK. Used by one thread at a time.
final class FileHeader {
  /// For the functions of the shim.
  let handle: OpaquePointer

  init() throws {
    guard let handle = pons_header_make() else {
      throw StageFailure(.resource, code: "OUT_OF_MEMORY", "a DICOM header cannot be made")
    }
    self.handle = handle
  }

  deinit { pons_header_free(handle) }

  /// Sets an attribute that this plugin decides about.
  ///
  /// - Parameter value: several values are separated by backslashes; empty makes an attribute without value.
  func set(_ tag: Tag, _ value: String) throws {
    if !setIfAllowed(tag, value) {
      throw StageFailure(
        .internal, code: "BAD_ATTRIBUTE",
        "DICOM does not allow the value of the attribute \(tag.shown)")
    }
  }

  /// Sets an attribute that came from elsewhere; answers false, and leaves it out, when its value is not allowed.
  func setIfAllowed(_ tag: Tag, _ value: String) -> Bool {
    // A zero would end the text for C.
    if value.utf8.contains(0) { return false }
    return pons_header_set(
      handle, UInt16(truncatingIfNeeded: tag >> 16), UInt16(truncatingIfNeeded: tag), value) == 0
  }

  /// Adds an item to a sequence; what `fill` sets goes into it.
  func addItem(_ sequence: Tag, _ fill: () throws -> Void) throws {
    let group = UInt16(truncatingIfNeeded: sequence >> 16)
    if pons_header_begin_item(handle, group, UInt16(truncatingIfNeeded: sequence)) != 0 {
      throw StageFailure(
        .internal, code: "BAD_ATTRIBUTE", "the attribute \(sequence.shown) is no sequence")
    }
    defer { pons_header_end_item(handle) }
    try fill()
  }

  /// Lends the bytes of the file up to its pixels.
  ///
  /// - Parameter pixelBytes: of the slice, an even number.
  func withEncoded<Result>(
    pixelBytes: UInt32, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    var bytes: UnsafePointer<UInt8>?
    var message = [CChar](repeating: 0, count: 256)
    let count = pons_header_encode(handle, pixelBytes, &bytes, &message, UInt64(message.count))
    guard count > 0, let bytes else {
      throw StageFailure(
        .internal, code: "NOT_ENCODED",
        "the header cannot be encoded: \(String(cBuffer: message))")
    }
    return try body(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
  }
}

extension Tag {
  /// "(0020,0032)".
  var shown: String {
    let digits = String(self, radix: 16)
    let padded = String(repeating: "0", count: 8 - digits.count) + digits
    return "(\(padded.prefix(4)),\(padded.suffix(4)))"
  }
}
