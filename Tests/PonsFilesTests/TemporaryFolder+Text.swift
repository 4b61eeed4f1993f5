import TestFolders

extension TemporaryFolder {
  /// Writes a text, with the folders above the file; answers its path.
  @discardableResult
  func write(_ text: String, _ name: String) throws -> String { try write(Array(text.utf8), name) }
}
