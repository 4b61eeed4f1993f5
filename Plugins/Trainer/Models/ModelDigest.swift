internal import COpenSSL
internal import PonsKit
internal import PonsTorch
internal import PonsWeights

/// The digest that names a model: SHA-256 over its tensors by name, so that it is the same in memory and in a file.
///
/// For each tensor, in the order of the names' UTF-8: name, type and shape as a line of text, then the elements in C order.
struct ModelDigest: ~Copyable {
  private let context: OpaquePointer?
  private var isValid: Bool

  private init() {
    context = EVP_MD_CTX_new()
    isValid = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
  }

  deinit { EVP_MD_CTX_free(context) }

  private mutating func add(
    _ name: String, _ type: ElementType, _ shape: [Int], _ bytes: UnsafeRawBufferPointer
  ) {
    var line = "\(name) \(type.rawValue) \(shape)\n"
    line.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    update(bytes)
  }

  private mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if bytes.isEmpty { return }
    isValid = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 && isValid
  }

  private consuming func finish() throws -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard isValid, EVP_DigestFinal_ex(context, &digest, &length) == 1, length == 32 else {
      throw StageFailure(.internal, code: "DIGEST", "libcrypto cannot compute SHA-256")
    }
    return digest[..<32].map { byte in
      let text = String(byte, radix: 16)
      return text.utf8.count == 1 ? "0" + text : text
    }.joined()
  }

  private static func precedes(_ one: String, _ other: String) -> Bool {
    one.utf8.lexicographicallyPrecedes(other.utf8)
  }

  /// 64 hexadecimal digits.
  static func of(_ network: any Layer) throws -> String {
    var digest = ModelDigest()
    for (name, tensor) in try network.stateDict().entries.sorted(by: { precedes($0.0, $1.0) }) {
      guard let type = tensor.type else { continue }
      let plain = try tensor.detach().on(.cpu).contiguous()
      try plain.withBytes { digest.add(name, type, tensor.shape, $0) }
    }
    return try digest.finish()
  }

  /// The same of a packet.
  static func of(_ packet: InputPacket<ModelKind>) throws -> String {
    var digest = ModelDigest()
    for name in packet.tensorNames.sorted(by: precedes) {
      let tensor = try packet.tensor(name)
      tensor.withBytes { digest.add(name, tensor.type, tensor.shape, $0) }
    }
    return try digest.finish()
  }

  /// The same of a file.
  static func of(_ file: WeightFile) throws -> String {
    var digest = ModelDigest()
    for tensor in file.tensors.sorted(by: { precedes($0.name, $1.name) }) {
      tensor.withBytes { digest.add(tensor.name, tensor.type, tensor.shape, $0) }
    }
    return try digest.finish()
  }
}
