internal import COpenSSL
internal import Glibc
internal import PonsKit

/// SHA-256 (FIPS 180-4) by OpenSSL's libcrypto, fed piece by piece.
public struct SHA256: ~Copyable {
  private let context: OpaquePointer?
  private var isValid: Bool
  /// Fetched once: OpenSSL looks an algorithm up under a lock otherwise, for every digest.
  nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

  /// Begins a digest.
  public init() {
    context = EVP_MD_CTX_new()
    isValid = EVP_DigestInit_ex(context, Self.algorithm, nil) == 1
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if bytes.isEmpty { return }
    isValid = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 && isValid
  }

  /// Adds the UTF-8 bytes of a text.
  public mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// Adds a field: its length and its bytes, so that neighbouring fields cannot be mixed up.
  public mutating func update(field text: String) {
    var text = text
    text.withUTF8 { bytes in
      var length = UInt64(bytes.count).littleEndian
      withUnsafeBytes(of: &length) { update($0) }
      update(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Ends the digest: 64 characters of lower-case hexadecimal.
  ///
  /// - Throws: `StageFailure` of category `internal` when libcrypto refused to work.
  public consuming func finish() throws -> String {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard isValid, EVP_DigestFinal_ex(context, &bytes, &length) == 1, length == 32 else {
      throw StageFailure(.internal, code: "DIGEST", "libcrypto cannot compute SHA-256")
    }
    return hexadecimal(bytes[..<32])
  }

  /// The digest of a file's bytes.
  ///
  /// - Parameter name: what failures call the file; by default the last part of its path.
  /// - Throws: `StageFailure` of category `resource` when it cannot be read.
  public static func digest(
    file path: String, shownAs name: @autoclosure () -> String? = nil
  ) throws -> String {
    // Without O_NONBLOCK a pipe would hold the run for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw SystemFailure.resource("open", path: name() ?? path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw StageFailure(
        .badInput, code: "NOT_A_FILE", "a source names something that is no regular file",
        hint: "the run's private table phi/cases.tsv has its path")
    }
    var hash = SHA256()
    try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 64) { chunk in
      while true {
        let count = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
        if count < 0 {
          if errno == EINTR { continue }
          throw SystemFailure.resource("read", path: name() ?? path)
        }
        if count == 0 { return }
        hash.update(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
      }
    }
    return try hash.finish()
  }

  /// HMAC-SHA-256 (RFC 2104) of a text.
  static func authenticate(_ text: String, key: [UInt8]) -> String {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let content = Array(text.utf8)
    HMAC(EVP_sha256(), key, Int32(key.count), content, content.count, &bytes, &length)
    return hexadecimal(bytes[..<Int(length)])
  }
}

/// Lower-case hexadecimal, two characters a byte.
private func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(unsafeUninitializedCapacity: bytes.count * 2) { text in
    for (index, byte) in bytes.enumerated() {
      text[2 * index] = digits[Int(byte >> 4)]
      text[2 * index + 1] = digits[Int(byte & 15)]
    }
    return bytes.count * 2
  }
}
