internal import Glibc
internal import PonsKit

/// Lists the files below folders. Every folder is searched once, whatever links lead to it, so that loops end.
struct FolderWalk {
  /// A file, with its path and its path relative to the start.
  struct File: Sendable, Equatable {
    var path: String
    var relative: String
  }

  private struct Identity: Hashable {
    var device: UInt64
    var node: UInt64
  }

  private(set) var files: [File] = []
  var skipped: [SkipReason: Int] = [:]
  private var seen: Set<Identity> = []
  /// Folders that links lead to: after all others, so that a folder is known by its own name.
  private var linked: [File] = []

  /// Searches a folder and everything below.
  ///
  /// - Throws: `StageFailure` of category `badParameter` when the folder itself cannot be opened.
  mutating func search(_ path: String) throws {
    let before = skipped[.unreadableFolder, default: 0]
    visit(path, relative: "")
    if files.isEmpty, skipped[.unreadableFolder, default: 0] > before, seen.count == 1 {
      throw StageFailure(
        .badParameter, code: "UNREADABLE", "the folder at 'path' cannot be opened",
        hint: "check its permissions", parameter: "path")
    }
    followLinks()
  }

  /// Takes a file, or searches a folder.
  mutating func add(_ path: String, relative: String) throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      visit(path, relative: relative + "/")
      followLinks()
    } else {
      files.append(File(path: path, relative: relative))
    }
  }

  private mutating func followLinks() {
    while !linked.isEmpty {
      let folder = linked.removeFirst()
      visit(folder.path, relative: folder.relative)
    }
  }

  private mutating func visit(_ path: String, relative: String) {
    // A list of what is to be done, not a recursion: folders may be nested deeper than the stack allows.
    var waiting = [File(path: path, relative: relative)]
    while let folder = waiting.popLast() {
      var status = stat()
      guard stat(folder.path, &status) == 0 else {
        skipped[.unreadableFolder, default: 0] += 1
        continue
      }
      let identity = Identity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
      guard seen.insert(identity).inserted else {
        skipped[.seenBefore, default: 0] += 1
        continue
      }
      guard let names = names(in: folder.path) else {
        skipped[.unreadableFolder, default: 0] += 1
        continue
      }
      for name in names.sorted() {
        let entry = File(
          path: folder.path + (folder.path.hasSuffix("/") ? "" : "/") + name,
          relative: folder.relative + name)
        if name.hasPrefix(".") {
          skipped[.hidden, default: 0] += 1
        } else if let isLink = folderKind(entry.path) {
          let inside = File(path: entry.path, relative: entry.relative + "/")
          if isLink { linked.append(inside) } else { waiting.append(inside) }
        } else {
          files.append(entry)
        }
      }
    }
  }

  /// Whether a folder is there through a link; nil for everything that is no folder.
  private func folderKind(_ path: String) -> Bool? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    if status.st_mode & S_IFMT == S_IFDIR { return false }
    guard status.st_mode & S_IFMT == S_IFLNK, stat(path, &status) == 0 else { return nil }
    return status.st_mode & S_IFMT == S_IFDIR ? true : nil
  }

  private mutating func names(in folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name: String? = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      guard let name else {
        skipped[.nameNotUTF8, default: 0] += 1
        continue
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
