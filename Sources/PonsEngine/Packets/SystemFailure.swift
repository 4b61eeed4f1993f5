internal import Glibc
internal import PonsKit

/// Errors of system calls, in words.
enum SystemFailure {
  /// A failure of category `resource` from `errno`. Only the last part of the path is named: the folders above may tell
  /// whose data it is.
  static func resource(_ call: String, path: String, error: Int32 = errno) -> StageFailure {
    let reason = String(cString: strerror(error))
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let code =
      switch error {
      case ENOSPC, EDQUOT: "DISK_FULL"
      case EACCES, EPERM, EROFS: "NO_PERMISSION"
      case ENOENT: "NOT_FOUND"
      case EMFILE, ENFILE: "TOO_MANY_FILES"
      case ENOMEM: "OUT_OF_MEMORY"
      default: "IO_ERROR"
      }
    let hint =
      switch code {
      case "DISK_FULL": "make room on the disk and run again; what is finished is kept"
      case "TOO_MANY_FILES": "raise the limit of open files (ulimit -n) and run again"
      default: ""
      }
    return StageFailure(
      .resource, code: code, "\(call) of '\(name)' failed: \(reason)", hint: hint)
  }
}
