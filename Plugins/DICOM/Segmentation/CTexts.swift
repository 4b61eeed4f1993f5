/// Texts for C that stay where they are as long as this lives.
final class CTexts {
  private var kept: [UnsafeMutablePointer<CChar>] = []

  deinit { for text in kept { text.deallocate() } }

  /// A copy, zero-terminated.
  func keep(_ text: String) -> UnsafePointer<CChar> {
    let characters = Array(text.utf8CString)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
    copy.initialize(from: characters, count: characters.count)
    kept.append(copy)
    return UnsafePointer(copy)
  }
}
