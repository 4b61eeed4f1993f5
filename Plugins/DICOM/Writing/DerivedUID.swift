internal import COpenSSL
internal import PonsKit

/// UIDs that follow from what they are of: equal inputs give equal UIDs, and different ones different ones. They are UUIDs of
/// version 8 (RFC 9562) made of a SHA-256, in decimal behind the root 2.25 (DICOM PS3.5 B.2).
struct DerivedUID: ~Copyable {
  private let context: OpaquePointer?
  private var isValid: Bool

  /// - Parameter purpose: what the UID is of, so that a series and a study made of the same differ.
  init(_ purpose: String) {
    context = EVP_MD_CTX_new()
    isValid = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    add(purpose)
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes, with their number before them so that neighbours cannot be mixed up.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { update($0) }
    update(bytes)
  }

  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  private mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if bytes.isEmpty { return }
    isValid = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 && isValid
  }

  /// The UID.
  consuming func finish() throws -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard isValid, EVP_DigestFinal_ex(context, &digest, &length) == 1, length == 32 else {
      throw StageFailure(.internal, code: "DIGEST", "libcrypto cannot compute SHA-256")
    }
    digest[6] = digest[6] & 0x0f | 0x80
    digest[8] = digest[8] & 0x3f | 0x80
    let number = digest[..<16].reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    return "2.25.\(number)"
  }

  /// A UID of texts.
  static func of(_ purpose: String, _ texts: [String]) throws -> String {
    var uid = DerivedUID(purpose)
    for text in texts { uid.add(text) }
    return try uid.finish()
  }
}
