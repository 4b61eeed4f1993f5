internal import CZip
internal import Glibc

/// Writes zip archives without compression: what weights are made of does not get smaller.
package enum ZipWriter {
  /// Writes an archive; what was at its place is replaced.
  ///
  /// - Parameters:
  ///   - path: the archive.
  ///   - texts: members that come first.
  ///   - files: members with the bytes of files.
  /// - Throws: ``WeightError``; a part of the archive may be left.
  package static func write(
    _ path: String, texts: [(name: String, text: String)], files: [(name: String, file: String)]
  ) throws(WeightError) {
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      throw WeightError(
        "it cannot be written: \(String(cString: zip_error_strerror(&error)))", file: path)
    }
    do throws(WeightError) {
      for (name, text) in texts {
        let count = text.utf8.count
        // libzip reads it when the archive is closed, and frees it then.
        let copy = strndup(text, count)
        try add(zip_source_buffer(archive, copy, UInt64(count), 1), name, archive, path)
      }
      for (name, file) in files {
        try add(zip_source_file(archive, file, 0, -1), name, archive, path)
      }
    } catch {
      zip_discard(archive)
      throw error
    }
    if zip_close(archive) != 0 {
      let reason = String(cString: zip_strerror(archive))
      zip_discard(archive)
      throw WeightError("it cannot be written: \(reason)", file: path)
    }
  }

  private static func add(
    _ source: OpaquePointer?, _ name: String, _ archive: OpaquePointer, _ path: String
  ) throws(WeightError) {
    let index = source.map { zip_file_add(archive, name, $0, zip_flags_t(ZIP_FL_ENC_UTF_8)) } ?? -1
    // The time says nothing, and would make two archives of the same files differ.
    guard index >= 0,
      zip_set_file_compression(archive, UInt64(index), ZIP_CM_STORE, 0) == 0,
      zip_file_set_mtime(archive, UInt64(index), 315_619_200, 0) == 0
    else {
      let reason = String(cString: zip_strerror(archive))
      if index < 0 { zip_source_free(source) }
      throw WeightError("member '\(name)' cannot be written: \(reason)", file: path)
    }
  }
}
