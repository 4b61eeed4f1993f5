internal import PonsEngine
package import PonsKit
internal import PonsManifest
internal import PonsModels

/// What a run depends on, apart from its input: written by `pons lock`, compared by `pons run --locked`.
///
/// Sections of names and values: `documents`, `settings`, `plugins`, `libraries`, `models`, `files` and `host`. Nothing in it depends on
/// the folders that things are in, nor on the images.
package struct LockFile: Sendable {
  package let sections: [String: [String: JSON]]
  private let name: String

  private static let titles = [
    ("documents", "document"), ("settings", "setting"), ("plugins", "plugin"),
    ("libraries", "library"), ("models", "model"), ("files", "file"), ("host", "host"),
  ]

  /// A lock of sections.
  package init(name: String, sections: [String: [String: JSON]]) {
    self.name = name
    self.sections = sections
  }

  /// Reads a lock file.
  ///
  /// - Throws: ``CommandFailure`` when there is none, or when it is something else.
  package init(reading path: String) throws {
    guard FilePaths.isFile(path) else {
      throw CommandFailure(
        "there is no lock file \(path.printable)",
        hint: "write it with \"pons lock\", or name another one with --lock", exitCode: .usage)
    }
    let json = try? JSON(parsing: String(decoding: try FilePaths.read(path), as: UTF8.self))
    guard let json, json["pons_lock"] == 1 else {
      throw CommandFailure(
        "\(path.printable) is no lock file that this version can read", exitCode: .usage)
    }
    self.init(
      name: path,
      sections: Dictionary(
        uniqueKeysWithValues: Self.titles.map { ($0.0, json[$0.0]?.object ?? [:]) }))
  }

  /// The file that the command line means.
  static func path(_ invocation: Invocation) -> String {
    if let named = invocation.value("lock") { return named }
    var name = invocation.operands.first?.split(separator: "/").last.map(String.init) ?? ""
    if name.hasSuffix(".yaml") { name.removeLast(5) }
    return name + ".lock"
  }

  /// The content of the file.
  var json: JSON {
    var members: [String: JSON] = ["pons_lock": 1]
    for (name, values) in sections { members[name] = .object(values) }
    return .object(members)
  }

  /// What may be loaded under this lock.
  package var plugins: LockedPlugins {
    let own = sections["plugins"] ?? [:]
    let digests = own.values.compactMap { $0["sha256"]?.string }
    return LockedPlugins(
      digests: Set(digests + (sections["libraries"] ?? [:]).values.compactMap(\.string)),
      names: Set(own.keys))
  }

  /// Every difference, by name.
  package func differences(to current: LockFile) -> [String] {
    Self.titles.flatMap { section, title in
      let (locked, found) = (sections[section] ?? [:], current.sections[section] ?? [:])
      return Set(locked.keys).union(found.keys).sorted().compactMap { key -> String? in
        if locked[key] == found[key] { return nil }
        return "\(title) \(key): locked \(Self.text(locked[key])), found \(Self.text(found[key]))"
      }
    }
  }

  /// Refuses what is not as it was locked.
  ///
  /// - Throws: ``CommandFailure`` that names every difference.
  func require(_ current: LockFile) throws(CommandFailure) {
    let differences = differences(to: current)
    if differences.isEmpty { return }
    throw CommandFailure(
      "\(name.printable) does not agree:\n"
        + differences.map { "  " + $0.printable }.joined(separator: "\n"),
      hint:
        "when the change is wanted, check it (\"pons validate --golden\", \"pons shadow\") and lock again",
      exitCode: .refused)
  }

  private static func text(_ value: JSON?) -> String {
    guard let value else { return "nothing" }
    if let digest = value["sha256"]?.string {
      return digest.prefix(12)
        + (value["code"]?.string.map { " with libraries \($0.prefix(12))" } ?? "")
    }
    guard let text = value.string else { return value.canonical }
    return text.utf8.count == 64 ? String(text.prefix(12)) : text
  }
}
