internal import PonsManifest

/// The manifests that come with Pons, found relative to the running program: in an installation, or in the
/// folder that it was built in.
package struct ShippedManifests: Sendable {
  /// The folder they are in, or nil when there is none.
  package let folder: String?

  /// Looks for the folder.
  ///
  /// - Parameter executable: absolute path of the running program.
  package init(executable: String) {
    var folder = FilePaths.folder(of: executable)
    var candidates = [FilePaths.join(FilePaths.folder(of: folder), "share/pons/manifests")]
    // A build has the program some folders below the root of the package.
    for _ in 0..<5 where folder.hasPrefix("/") && folder != "/" {
      folder = FilePaths.folder(of: folder)
      if FilePaths.isFile(folder + "/Package.swift") { candidates.append(folder + "/manifests") }
    }
    self.folder = candidates.first { FilePaths.isFolder($0) }
  }

  /// What can be given instead of a path.
  package var names: [String] {
    guard let folder else { return [] }
    return FilePaths.names(in: folder).filter { $0.hasSuffix(".yaml") }
      .map { String($0.dropLast(5)) }
  }

  /// The file for what somebody typed: a path, or the name of a shipped manifest.
  ///
  /// - Throws: ``CommandFailure`` that lists the shipped manifests.
  package func resolve(_ text: String) throws(CommandFailure) -> String {
    if FilePaths.isFile(text) { return text }
    let name = text.hasSuffix(".yaml") ? String(text.dropLast(5)) : text
    if let folder, names.contains(name) { return "\(folder)/\(name).yaml" }
    let what =
      FilePaths.isFolder(text)
      ? "is a folder, not a manifest"
      : FilePaths.exists(text) ? "is no regular file" : "does not exist"
    var hint = ""
    if let nearest = Suggestion.nearest(to: name, among: names) {
      hint = "did you mean \"\(nearest)\"? "
    }
    if !names.isEmpty { hint += "Pons ships: \(names.joined(separator: ", "))" }
    throw CommandFailure("\(text.printable) \(what)", hint: hint, exitCode: .usage)
  }
}
