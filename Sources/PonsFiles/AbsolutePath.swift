internal import Glibc

/// A path that does not depend on the folder that the process is in: a run may outlive a change of it.
package enum AbsolutePath {
  /// The path itself when it is absolute, else below the current folder.
  package static func of(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }
}
