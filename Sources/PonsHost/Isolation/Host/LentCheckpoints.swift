internal import Glibc
internal import PonsKit

/// The checkpoints of a call, in a folder that its worker can write to; they go back when the call is over, however it ended.
struct LentCheckpoints {
  /// The worker's folder.
  let path: String
  private let original: String

  /// - Throws: `StageFailure` of category `resource`.
  init(of original: String, in folder: String) throws {
    self.original = original
    path = folder + "/checkpoints"
    HostFile.removeTree(path)
    if mkdir(path, 0o700) != 0 {
      throw StageFailure(
        .resource, code: "NO_SCRATCH", "no folder for checkpoints can be made")
    }
    for name in HostFile.names(in: original) ?? [] {
      link("\(original)/\(name)", "\(path)/\(name)")
    }
  }

  /// Makes the original folder what the worker has made of its own.
  func takeBack() {
    // The worker may have put a link in the place of its folder.
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if folder < 0 { return }
    defer { close(folder) }
    let names = Set(HostFile.names(in: path) ?? [])
    for name in HostFile.names(in: original) ?? [] where !names.contains(name) {
      unlink("\(original)/\(name)")
    }
    for name in names {
      var status = stat()
      guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
        status.st_mode & S_IFMT == S_IFREG
      else { continue }
      renameat(folder, name, AT_FDCWD, "\(original)/\(name)")
    }
  }
}
