/// A header extension: data of another program, carried along as it is.
package struct HeaderExtension: Sendable, Equatable {
  /// Whose data it is: 2 DICOM, 4 AFNI, 6 comment, ...
  package var code: Int
  /// The content, without its eight bytes of size and code; size and code are a multiple of 16 with it.
  package var data: [UInt8]

  /// An extension.
  package init(code: Int, data: [UInt8]) {
    self.code = code
    self.data = data
  }

  /// Reads the bytes between a header and its voxels: four bytes "extender", then extensions.
  ///
  /// A list that is damaged ends there: `isDamaged` says so. Voxels do not depend on it.
  package static func parse(_ bytes: [UInt8], isBigEndian: Bool)
    -> (extensions: [HeaderExtension], isDamaged: Bool)
  {
    guard bytes.count >= 4, bytes[0] != 0 else { return ([], false) }
    let raw = HeaderBytes(bytes: bytes, isBigEndian: isBigEndian)
    var extensions: [HeaderExtension] = []
    var offset = 4
    while bytes.count - offset >= 8 {
      let size = raw.integers(HeaderField(.int32, offset))[0]
      let code = raw.integers(HeaderField(.int32, offset + 4))[0]
      // What fills the space up to the voxels is no damage.
      if size == 0, bytes[offset...].allSatisfy({ $0 == 0 }) { return (extensions, false) }
      guard size >= 16, size % 16 == 0, size <= bytes.count - offset else {
        return (extensions, true)
      }
      extensions.append(HeaderExtension(code: code, data: Array(bytes[offset + 8..<offset + size])))
      offset += size
    }
    return (extensions, false)
  }

  /// The bytes between a header and its voxels, little-endian.
  package static func encode(_ extensions: [HeaderExtension]) -> [UInt8] {
    if extensions.isEmpty { return [0, 0, 0, 0] }
    var raw = HeaderBytes(bytes: [1, 0, 0, 0], isBigEndian: false)
    for item in extensions {
      let size = (item.data.count + 8 + 15) / 16 * 16
      let offset = raw.bytes.count
      raw.bytes += [UInt8](repeating: 0, count: size)
      raw.put([size], HeaderField(.int32, offset))
      raw.put([item.code], HeaderField(.int32, offset + 4))
      raw.bytes.replaceSubrange(offset + 8..<offset + 8 + item.data.count, with: item.data)
    }
    return raw.bytes
  }
}
