internal import Glibc
internal import PonsFiles
internal import PonsKit

/// An image that was found, with the name of its case.
package struct FoundImage: Sendable, Equatable {
  /// The path relative to the folder that was searched, without the suffix: equal in two folders of the same layout.
  package var name: String
  /// Where it is.
  package var files: ImageFiles

  /// An image with the name of its case.
  package init(name: String, files: ImageFiles) {
    self.name = name
    self.files = files
  }
}

/// What a search found, and what it passed over.
package struct FoundImages: Sendable {
  /// Sorted by name.
  package var images: [FoundImage] = []
  /// How many files and folders were passed over, by kind.
  package var skipped: [SkipReason: Int] = [:]
  /// What a user should know.
  package var notices: [Notice] = []
}

/// Why a file or folder is not a case.
package enum SkipReason: String, Sendable, CaseIterable {
  case notNIfTI = "NOT_NIFTI"
  case hidden = "HIDDEN"
  case voxelsWithoutHeader = "IMG_WITHOUT_HDR"
  case unreadableFolder = "UNREADABLE_FOLDER"
  case seenBefore = "FOLDER_SEEN_BEFORE"
  case results = "PONS_RESULTS"
  case nameNotUTF8 = "NAME_NOT_UTF8"
  case noFile = "NO_REGULAR_FILE"

  /// In words.
  package var text: String {
    switch self {
    case .notNIfTI: "not a NIfTI file by its name"
    case .voxelsWithoutHeader: "an .img file without its .hdr file"
    case .hidden: WalkSkip.hidden.text
    case .unreadableFolder: WalkSkip.unreadableFolder.text
    case .seenBefore: WalkSkip.seenBefore.text
    case .results: WalkSkip.results.text
    case .nameNotUTF8: WalkSkip.nameNotUTF8.text
    case .noFile: WalkSkip.noFile.text
    }
  }
}

/// Finds images behind a path: one file, all files below a folder, or what a pattern matches.
package enum FileFinder {
  /// Searches.
  ///
  /// - Parameter path: a file, a folder, or a pattern with `*`, `?` and `[...]`.
  /// - Throws: `StageFailure` of category `badParameter` that names the parameter `path` when there is nothing.
  package static func find(_ path: String) throws -> FoundImages {
    let path = AbsolutePath.of(path)
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR {
        var walk = FolderWalk()
        try walk.search(path)
        return grouped(walk.files, skipped: walk.skipped)
      }
      return single(path)
    }
    let reason = errno
    if path.utf8.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") })
      || path.utf8.contains(UInt8(ascii: "["))
    {
      return try matches(path)
    }
    throw StageFailure(
      .badParameter, code: "NOT_FOUND",
      "there is no file or folder at 'path': \(String(cString: strerror(reason)))",
      hint: "check the parameter path of nifti.read; a relative path counts from where pons runs",
      parameter: "path")
  }

  private static func single(_ path: String) -> FoundImages {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let (stem, suffix) = ImageSuffix.split(name), suffix.isPair || suffix.isVoxelFile else {
      let stem = ImageSuffix.split(name)?.stem ?? name
      return FoundImages(images: [FoundImage(name: stem, files: ImageFiles(header: path))])
    }
    let base = String(path.dropLast(suffix.rawValue.count))
    func existing(_ suffixes: [String]) -> String {
      suffixes.map { base + $0 }.first { access($0, F_OK) == 0 } ?? base + suffixes[0]
    }
    let files = ImageFiles(
      header: suffix.isPair ? path : existing([".hdr", ".HDR", ".hdr.gz"]),
      voxels: suffix.isPair ? existing([".img", ".IMG", ".img.gz"]) : path)
    return FoundImages(images: [FoundImage(name: stem, files: files)])
  }

  private static func matches(_ pattern: String) throws -> FoundImages {
    if pattern.contains("**") {
      throw StageFailure(
        .badParameter, "the pattern in 'path' has '**', which is not supported",
        hint: "name the folder: it is searched with everything below", parameter: "path")
    }
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, 0, nil, &result) == 0 else {
      throw StageFailure(
        .badParameter, code: "NOT_FOUND", "no file or folder matches the pattern in 'path'",
        hint: "quote the pattern, so that the shell does not expand it", parameter: "path")
    }
    // Names count from the folder in front of the first wild card.
    let wild = pattern.firstIndex { "*?[".contains($0) } ?? pattern.endIndex
    let base = pattern[..<wild].lastIndex(of: "/").map { String(pattern[...$0]) } ?? "/"
    var walk = FolderWalk()
    for index in 0..<Int(result.gl_pathc) {
      guard let bytes = result.gl_pathv[index] else { continue }
      guard let path = String(validatingCString: bytes) else {
        walk.skipped[.nameNotUTF8, default: 0] += 1
        continue
      }
      try walk.add(path, relative: String(path.dropFirst(base.count)))
    }
    return grouped(walk.files, skipped: walk.skipped)
  }

  /// Makes images of files: pairs together, names unique.
  static func grouped(_ files: [FolderWalk.File], skipped: [WalkSkip: Int]) -> FoundImages {
    var found = FoundImages()
    for (reason, count) in skipped {
      if let reason = SkipReason(rawValue: reason.rawValue) { found.skipped[reason] = count }
    }
    var byStem: [String: [(suffix: ImageSuffix, file: FolderWalk.File)]] = [:]
    for file in files {
      guard let (stem, suffix) = ImageSuffix.split(file.relative), !stem.hasSuffix("/") else {
        found.skipped[.notNIfTI, default: 0] += 1
        continue
      }
      byStem[stem, default: []].append((suffix, file))
    }
    var named: [(name: String, full: String, files: ImageFiles)] = []
    for (stem, members) in byStem {
      let voxelFile = members.first { $0.suffix.isVoxelFile }?.file.path
      let heads = members.filter { !$0.suffix.isVoxelFile }
      if !heads.contains(where: \.suffix.isPair), voxelFile != nil {
        found.skipped[.voxelsWithoutHeader, default: 0] += members.count - heads.count
      }
      for head in heads {
        let expected = String(head.file.path.dropLast(head.suffix.rawValue.count)) + ".img"
        let files = ImageFiles(
          header: head.file.path, voxels: head.suffix.isPair ? voxelFile ?? expected : nil)
        named.append((heads.count == 1 ? stem : head.file.relative, head.file.relative, files))
      }
      if heads.count > 1 {
        found.notices.append(
          Notice(
            "SAME_NAME",
            "\(heads.count) files differ in their suffix only; their cases keep it in the name"))
      }
    }
    // A name without suffix may be the whole name of another file ("a.nii.nii" and "a.nii"): then it gets its suffix
    // back, until all names differ. Whole names do.
    while true {
      let counts = Dictionary(named.map { ($0.name, 1) }, uniquingKeysWith: +)
      let clashes = named.indices.filter {
        counts[named[$0].name, default: 0] > 1 && named[$0].name != named[$0].full
      }
      if clashes.isEmpty { break }
      for index in clashes { named[index].name = named[index].full }
    }
    found.images = named.map { FoundImage(name: $0.name, files: $0.files) }
      .sorted { $0.name < $1.name }
    return found
  }
}
