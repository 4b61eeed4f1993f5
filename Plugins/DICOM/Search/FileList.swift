internal import Glibc
internal import PonsFiles
internal import PonsKit

/// The files that a path stands for: a folder with everything below, one file, what a DICOMDIR refers to, or what a text
/// file lists.
struct FileList {
  var files: [FolderWalk.File]
  var skipped: [WalkSkip: Int] = [:]
  /// Files that cannot be opened because of their names.
  var misnamed: [FolderWalk.File] = []

  /// - Throws: `StageFailure` of category `badParameter` that names the parameter `path`.
  init(_ path: String) throws {
    let path = AbsolutePath.of(path)
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw StageFailure(
        .badParameter, code: "NOT_FOUND",
        "there is no file or folder at 'path': \(String(cString: strerror(errno)))",
        hint: "check the parameter path of dicom.read; a relative path counts from where pons runs",
        parameter: "path")
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      var walk = FolderWalk()
      try walk.search(path)
      files = walk.files
      skipped = walk.skipped
      misnamed = walk.misnamed
      return
    }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let folder = path.dropLast(name.count)
    let single = [FolderWalk.File(path: path, relative: name)]
    guard let references = try Self.references(path) else {
      files = single
      return
    }
    files = references.map { reference in
      FolderWalk.File(
        path: reference.hasPrefix("/") ? reference : Self.existing(String(folder), reference),
        relative: reference)
    }
    if !files.isEmpty, files.allSatisfy({ access($0.path, F_OK) != 0 }) {
      throw StageFailure(
        .badParameter, code: "NOT_FOUND",
        "the file at 'path' is no DICOM, and as a list it names no file that is there",
        hint: "a list has a path a line; relative paths count from the folder that the list is in",
        parameter: "path")
    }
  }

  /// File names on media are in upper case, and often become lower case when they are copied.
  private static func existing(_ folder: String, _ reference: String) -> String {
    for name in [reference, reference.lowercased()] where access(folder + name, F_OK) == 0 {
      return folder + name
    }
    return folder + reference
  }

  /// What a DICOMDIR or a list refers to; nil for every other file.
  private static func references(_ path: String) throws -> [String]? {
    switch try? DICOMFile.open(path) {
    case .dicom(let file):
      guard case .directory(let names) = try? InstanceReader.read(file, number: 0) else {
        return nil
      }
      return names
    case .foreign(.text):
      let file = try OpenFile(path: path)
      var bytes = [UInt8](repeating: 0, count: min(file.size, 64 << 20))
      let count = try bytes.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
      let lines = String(decoding: bytes[0..<count], as: UTF8.self).split {
        $0 == "\n" || $0 == "\r\n"
      }
      return lines.map { $0.trimmed }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
    default: return nil
    }
  }
}
