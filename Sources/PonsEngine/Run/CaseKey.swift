internal import PonsKit

/// Names of cases: what may be one, and how one is made.
enum CaseKey {
  /// Names in the output folder that are no cases.
  static let reserved: Set<String> = ["phi", "summary.json", "previous"]

  /// Whether a text can be a label of a new case: `[A-Za-z0-9_.-]{1,64}`.
  static func isLabel(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isPlain)
  }

  /// Whether a text can be the whole key of a case.
  static func isKey(_ text: String) -> Bool { !text.isEmpty && plain(text) == text }

  /// Whether a text is the name of a file, without folders and not hidden.
  static func isFileName(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count) && !text.hasPrefix(".")
      && !text.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 < 0x20 })
  }

  /// A key that is also a good folder name, from a name that is no patient data. Names that lose something on the way
  /// get a part of their digest, so that different names stay different.
  static func plain(_ name: String) -> String {
    let cleaned = String(
      decoding: name.utf8.map { isPlain($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    if cleaned == name, !name.hasPrefix("."), name.utf8.count <= 100, !reserved.contains(name) {
      return name
    }
    var hash = SHA256()
    hash.update(name)
    let digest = (try? hash.finish()) ?? ""
    var stem = String(cleaned.prefix(80))
    if stem.hasPrefix(".") { stem = "_" + stem.dropFirst() }
    return "\(stem)-\(digest.prefix(8))"
  }

  /// The key of a case that a source announces.
  static func of(_ name: String, isPublic: Bool, _ siteKey: SiteKey) -> String {
    isPublic ? plain(name) : siteKey.pseudonym(of: name)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
  }
}
