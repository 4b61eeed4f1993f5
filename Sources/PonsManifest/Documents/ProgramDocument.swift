/// What a file `plugin.yaml` says: which program is the plugin.
public struct ProgramDocument: Sendable, Hashable {
  /// The program and its arguments. A name with `/`, and arguments that are files beside `plugin.yaml`, count from its folder;
  /// other programs are looked for in the usual places (`PATH`).
  public let run: [String]

  /// The name that such a file has.
  public static let fileName = "plugin.yaml"

  /// Reads the text of a file.
  ///
  /// - Throws: ``ManifestErrors`` with every error.
  public init(_ bytes: [UInt8], file: String) throws(ManifestErrors) {
    var findings = Findings()
    findings.note(file: file)
    guard let root = YAMLReader.read(bytes, file: file, findings: &findings) else {
      throw ManifestErrors(findings.sorted)
    }
    var reader = DocumentReader(file: file, findings: findings)
    let keys = reader.entries(root, "the description of a plugin", known: ["pons", "run"])
    reader.checkVersion(keys["pons"], of: root, "the description of a plugin")
    var run: [String] = []
    if let entry = keys["run"] {
      for node in reader.list(entry.value, "'run'") {
        if let text = reader.text(node, "a part of 'run'") { run.append(text) }
      }
      if run.isEmpty, !reader.findings.hasErrors {
        reader.findings.error(entry.value.location, "'run' names no program")
      }
    } else {
      reader.findings.error(
        root.location, "the description of a plugin does not say what to run",
        hint: "add 'run: [python3, PROGRAM.py]'")
    }
    try reader.findings.throwErrors()
    self.run = run
  }
}
