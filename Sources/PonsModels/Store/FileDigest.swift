internal import COpenSSL
internal import Glibc

/// SHA-256 of a file (FIPS 180-4, by libcrypto), and copying with it.
package enum FileDigest {
  /// The digest and the number of bytes of a file: 64 lower-case hexadecimal digits.
  ///
  /// - Parameters:
  ///   - path: a regular file.
  ///   - copy: where to write the same bytes; a new file.
  ///   - progress: called with the number of bytes that were just read.
  /// - Throws: ``ModelError`` when it cannot be read or written.
  package static func of(
    _ path: String, copyingTo copy: String? = nil, progress: (Int) -> Void = { _ in }
  ) throws(ModelError) -> (sha256: String, size: Int) {
    let input = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if input < 0 { throw Paths.failure("open", path) }
    defer { close(input) }
    guard Paths.isFile(path) else { throw ModelError("\(path) is no regular file") }
    var output: Int32 = -1
    if let copy {
      output = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if output < 0 { throw Paths.failure("write", copy) }
    }
    defer { if output >= 0 { close(output) } }
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    var isValid = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var size = 0
    while true {
      let count = read(input, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw Paths.failure("read", path) }
      if count == 0 { break }
      isValid = EVP_DigestUpdate(context, buffer, count) == 1 && isValid
      if let copy { try write(buffer[..<count], to: output, copy) }
      size += count
      progress(count)
    }
    // Network file systems report some errors only here.
    if let copy, fsync(output) != 0 { throw Paths.failure("write", copy) }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard isValid, EVP_DigestFinal_ex(context, &digest, &length) == 1, length == 32 else {
      throw ModelError("libcrypto cannot compute SHA-256")
    }
    return (hexadecimal(digest[..<32]), size)
  }

  /// The digest of a text.
  static func of(text: String) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    let bytes = Array(text.utf8)
    EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
    return hexadecimal(digest[...])
  }

  private static func write(
    _ bytes: ArraySlice<UInt8>, to descriptor: Int32, _ path: String
  ) throws(ModelError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw Paths.failure("write", path) }
      rest = rest.dropFirst(count)
    }
  }

  private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
