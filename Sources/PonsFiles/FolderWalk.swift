internal import Glibc
internal import PonsKit

/// Why a file or folder was passed over; raw values are codes for machines.
package enum WalkSkip: String, Sendable, CaseIterable {
  case hidden = "HIDDEN"
  case unreadableFolder = "UNREADABLE_FOLDER"
  case seenBefore = "FOLDER_SEEN_BEFORE"
  case results = "PONS_RESULTS"
  case nameNotUTF8 = "NAME_NOT_UTF8"
  case noFile = "NO_REGULAR_FILE"

  /// In words.
  package var text: String {
    switch self {
    case .hidden: "hidden, like the files that other systems leave behind"
    case .unreadableFolder: "a folder that cannot be opened"
    case .seenBefore: "a link to a folder that was searched already"
    case .results: "a folder with results of Pons"
    case .nameNotUTF8: "a name that is not UTF-8"
    case .noFile: "a pipe, a socket or a device"
    }
  }
}

/// Lists the files below folders. Every folder is searched once, whatever links lead to it, so that loops end.
package struct FolderWalk {
  /// A file, with its path and its path relative to the start.
  package struct File: Sendable, Equatable {
    /// Absolute when the start was.
    package var path: String
    /// Relative to the start.
    package var relative: String

    /// A file.
    package init(path: String, relative: String) {
      self.path = path
      self.relative = relative
    }
  }

  private struct Identity: Hashable {
    var device: UInt64
    var node: UInt64
  }

  /// The files, folder by folder, each folder sorted by name.
  package private(set) var files: [File] = []
  /// Files that cannot be opened because their names are not UTF-8, with the names repaired; they are among ``skipped`` too.
  package private(set) var misnamed: [File] = []
  /// What was passed over.
  package var skipped: [WalkSkip: Int] = [:]
  private var seen: Set<Identity> = []
  /// Folders that links lead to: after all others, so that a folder is known by its own name.
  private var linked: [File] = []

  /// Nothing is listed yet.
  package init() {}

  /// Searches a folder and everything below.
  ///
  /// - Throws: `StageFailure` of category `badParameter` when the folder itself cannot be opened.
  package mutating func search(_ path: String) throws {
    let before = skipped[.unreadableFolder, default: 0]
    visit(path, relative: "")
    if files.isEmpty, skipped[.unreadableFolder, default: 0] > before, seen.count <= 1 {
      throw StageFailure(
        .badParameter, code: "UNREADABLE", "the folder at 'path' cannot be opened",
        hint: "check its permissions", parameter: "path")
    }
    followLinks()
  }

  /// Takes a file, or searches a folder.
  package mutating func add(_ path: String, relative: String) throws {
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
      guard let names = names(in: folder) else {
        skipped[.unreadableFolder, default: 0] += 1
        continue
      }
      if !folder.relative.isEmpty, holdsResults(folder.path) {
        skipped[.results, default: 0] += 1
        continue
      }
      for (name, isFile) in names.sorted(by: { $0.name < $1.name }) {
        let entry = File(
          path: folder.path + (folder.path.hasSuffix("/") ? "" : "/") + name,
          relative: folder.relative + name)
        if name.hasPrefix(".") {
          skipped[.hidden, default: 0] += 1
        } else if isFile {
          files.append(entry)
        } else {
          take(entry, &waiting)
        }
      }
    }
  }

  /// Whether a run writes, or wrote, its results into a folder. Results below the folder that is searched are no input, or
  /// every run would find what the run before has written.
  private func holdsResults(_ path: String) -> Bool {
    ["/.pons/VERSION", "/phi/cases.tsv"].contains { access(path + $0, F_OK) == 0 }
  }

  /// Takes what the folder does not call a regular file.
  private mutating func take(_ entry: File, _ waiting: inout [File]) {
    var status = stat()
    let inside = File(path: entry.path, relative: entry.relative + "/")
    switch lstat(entry.path, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG {
    case S_IFREG: files.append(entry)
    case S_IFDIR: waiting.append(inside)
    case S_IFLNK:
      // A link that leads nowhere may stand for a file that was lost.
      guard stat(entry.path, &status) == 0 else { return files.append(entry) }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: linked.append(inside)
      case S_IFREG: files.append(entry)
      default: skipped[.noFile, default: 0] += 1
      }
    default: skipped[.noFile, default: 0] += 1
    }
  }

  /// Names, and whether the folder itself says that there is a regular file: most do, which spares a question for each.
  private mutating func names(in folder: File) -> [(name: String, isFile: Bool)]? {
    guard let stream = opendir(folder.path) else { return nil }
    defer { closedir(stream) }
    var names: [(name: String, isFile: Bool)] = []
    while let entry = readdir(stream) {
      let name: String? = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      guard let name else {
        skipped[.nameNotUTF8, default: 0] += 1
        if Int(entry.pointee.d_type) == Int(DT_REG) {
          let repaired = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
          }
          misnamed.append(
            File(path: "\(folder.path)/\(repaired)", relative: folder.relative + repaired))
        }
        continue
      }
      if name != ".", name != ".." {
        names.append((name, Int(entry.pointee.d_type) == Int(DT_REG)))
      }
    }
    return names
  }
}
