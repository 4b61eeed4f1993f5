internal import Glibc

/// A site's list of files that may be loaded as code: a SHA-256 and a name a line, as `sha256sum` writes them; `#` begins a comment.
///
/// Whoever can write the list, or exchange it, decides what runs. It must belong to root, as must every folder above it, and nobody
/// else may write to any of them.
enum AllowList {
  static let file = "/etc/pons/plugins.allow"
  static let variable = "PONS_ALLOW_LIST"
  private static let limit = 1 << 20

  /// The lists of this site. Only one that somebody named has to be there.
  static var files: [(path: String, isNamed: Bool)] {
    let named = getenv(variable).map { String(cString: $0) } ?? ""
    return [(file, false)] + (named.isEmpty ? [] : [(named, true)])
  }

  /// The digests in a list; nil when there is none.
  ///
  /// - Throws: ``PluginFault``, code `NOT_ALLOWED`, when it cannot be trusted or read.
  static func read(_ path: String, isNamed: Bool) throws(PluginFault) -> Set<String>? {
    guard let real = HostFile.resolved(path) else {
      if errno == ENOENT, !isNamed { return nil }
      throw fault("'\(path)' cannot be read: \(String(cString: strerror(errno)))")
    }
    // Folders first: when nobody can exchange the file, it is still the one that was looked at when it is opened.
    var folder = HostFile.folder(of: real)
    while true {
      var status = stat()
      guard lstat(folder, &status) == 0 else { throw fault("'\(folder)' cannot be looked at") }
      // Of a folder like /tmp nobody removes what belongs to root.
      let isSticky = status.st_mode & S_ISVTX != 0
      if status.st_uid != 0 || (status.st_mode & 0o022 != 0 && !isSticky) {
        throw fault("the folder '\(folder)' can be written by others than root")
      }
      if folder == "/" { break }
      folder = HostFile.folder(of: folder)
    }
    let descriptor = open(real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw fault("'\(path)' cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw fault("'\(path)' is no regular file")
    }
    if status.st_uid != 0 { throw fault("'\(path)' does not belong to root") }
    if status.st_mode & 0o022 != 0 { throw fault("'\(path)' can be written by others than root") }
    guard status.st_size <= limit else { throw fault("'\(path)' is larger than 1 MiB") }
    var bytes = [UInt8](repeating: 0, count: limit)
    var count = 0
    while count < limit {
      let got = Glibc.read(descriptor, &bytes[count], limit - count)
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw fault("'\(path)' cannot be read: \(String(cString: strerror(errno)))") }
      if got == 0 { break }
      count += got
    }
    return try digests(bytes[..<count], path)
  }

  private static func digests(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws(PluginFault) -> Set<String> {
    var result: Set<String> = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      // sha256sum writes a backslash before digests of files with odd names.
      let digest = (first.hasPrefix("\\") ? first.dropFirst() : first).lowercased()
      guard digest.utf8.count == 64, digest.allSatisfy(\.isHexDigit) else {
        throw fault("line \(index + 1) of '\(path)' does not begin with a SHA-256")
      }
      result.insert(digest)
    }
    return result
  }

  private static func fault(_ message: String) -> PluginFault {
    PluginFault(
      code: PluginFault.notAllowed, "the allow-list of this site cannot be trusted: \(message)")
  }
}
