internal import Glibc
internal import PonsKit

/// The secret that turns names of patients' series into case keys.
struct SiteKey: Sendable {
  private let bytes: [UInt8]
  private static let length = 32

  /// Reads the key, or makes it on first use with mode 0600.
  ///
  /// - Throws: `StageFailure`, code `SITE_KEY`, when the file is no key of ours or may be read by others.
  init(file path: String) throws {
    if let made = try Self.make(path) {
      bytes = made
      return
    }
    var status = stat()
    if stat(path, &status) != 0 { throw SystemFailure.resource("stat", path: path) }
    if status.st_mode & 0o077 != 0 {
      throw StageFailure(
        .resource, code: "SITE_KEY", "the site key may be read by other users",
        hint: "chmod 600 '\(FileSystem.lastPart(path))', or make a new key if it may be known")
    }
    let content = try FileSystem.read(path, limit: 4096)
    guard content.count == Self.length else {
      throw StageFailure(
        .resource, code: "SITE_KEY",
        "the site key has \(content.count) bytes instead of \(Self.length)",
        hint: "restore it from a backup; a new key gives every case a new name")
    }
    bytes = content
  }

  /// A new key in a file that was not there, or nil when it is there. A key appears complete or not at all, also
  /// when two runs make it at the same time.
  private static func make(_ path: String) throws -> [UInt8]? {
    if access(path, F_OK) == 0 { return nil }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try FileSystem.makeFolders(String(path[..<slash]), mode: 0o700)
    }
    var random = [UInt8](repeating: 0, count: length)
    guard getentropy(&random, length) == 0 else {
      throw SystemFailure.resource("getentropy", path: path)
    }
    let temporary = FileSystem.temporaryName(path)
    defer { unlink(temporary) }
    try FileSystem.create(temporary, mode: 0o600) { descriptor in
      try random.withUnsafeBytes { try FileSystem.write($0, to: descriptor, name: path) }
      fsync(descriptor)
    }
    if link(temporary, path) == 0 { return random }
    if errno == EEXIST { return nil }
    throw SystemFailure.resource("link", path: path)
  }

  /// What tells keys apart without telling the key: results that hold pseudonyms depend on it.
  var fingerprint: String { SHA256.authenticate("pons site key", key: bytes) }

  /// The pseudonym of a name: the same for ever on a site, and of no use without the key (HMAC-SHA-256, 64 bits).
  func pseudonym(of name: String) -> String {
    "c-" + SHA256.authenticate(name, key: bytes).prefix(16)
  }
}
