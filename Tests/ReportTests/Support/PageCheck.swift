import Glibc
import PonsHost
import TestFolders
import Testing

/// Reads a page with another program's parser.
enum PageCheck {
  static let python = "/usr/bin/python3"
  static let isAvailable = access(python, X_OK) == 0

  private static let script =
    #filePath.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
    + "/check_page.py"

  /// Whether the page is well formed, self-contained and described; what is wrong is printed.
  static func passes(_ page: [UInt8]) throws -> Bool {
    let folder = try TemporaryFolder()
    try Files.write(page, folder.path + "page.html")
    let result = ChildProcess.run(
      [.init(executable: python, arguments: [script, folder.path + "page.html"])], width: 1,
      seconds: 60)
    return result.map(\.end) == [.exited(0)]
  }
}
