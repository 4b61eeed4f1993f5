internal import Glibc

/// The file, or the pair of files, that an image is in.
package struct ImageFiles: Sendable, Hashable {
  /// The file with the header: `.nii`, `.nii.gz`, `.hdr` or `.hdr.gz`.
  package var header: String
  /// The file with the voxels, when it is another one.
  package var voxels: String?

  /// An image in one file, or in two.
  package init(header: String, voxels: String? = nil) {
    self.header = header
    self.voxels = voxels
  }

  /// All files, header first.
  package var all: [String] { [header] + (voxels.map { [$0] } ?? []) }

  /// The files that are there and are files: of a pair the second may be missing, and whoever opens a pipe waits.
  package var existing: [String] {
    all.filter { path in
      var status = stat()
      return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
  }

  var isNamedCompressed: Bool { header.lowercased().hasSuffix(".gz") }
}

/// What a file's name says about it.
enum ImageSuffix: String, CaseIterable {
  case nii = ".nii"
  case niiGz = ".nii.gz"
  case hdr = ".hdr"
  case hdrGz = ".hdr.gz"
  case img = ".img"
  case imgGz = ".img.gz"

  /// The suffix of a name, and the name without it; nil for other files. Upper case counts too.
  static func split(_ name: String) -> (stem: String, suffix: ImageSuffix)? {
    let lower = name.lowercased()
    guard let suffix = allCases.first(where: { lower.hasSuffix($0.rawValue) }),
      name.utf8.count > suffix.rawValue.utf8.count
    else { return nil }
    return (String(name.dropLast(suffix.rawValue.count)), suffix)
  }

  var isVoxelFile: Bool { self == .img || self == .imgGz }
  var isPair: Bool { self == .hdr || self == .hdrGz }
}
