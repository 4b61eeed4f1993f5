internal import PonsFiles
internal import PonsKit

/// A whole gzip file.
package enum GzipFile {
  /// Compresses bytes into a file of one member; equal bytes and level give an equal file on every machine.
  package static func write(
    _ bytes: UnsafeRawBufferPointer, to path: String, level: Int
  ) throws {
    let file = try NewFile(path: path)
    try Deflater.compress(bytes, level: level) { try file.write($0) }
    try file.close()
  }
}
