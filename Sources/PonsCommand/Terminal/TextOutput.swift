internal import Glibc

/// Where text goes: standard output, standard error, or a test.
package protocol TextOutput: Sendable {
  /// Writes a text at once. Never fails: a reader that has gone away is no reason to stop a run.
  func write(_ text: String)
  /// Whether people look at it.
  var isTerminal: Bool { get }
  /// Columns and rows at this moment; nil when it is no terminal.
  var size: (columns: Int, rows: Int)? { get }
}

/// An output of the process.
package struct StandardOutput: TextOutput {
  private let descriptor: Int32

  /// Standard output.
  package static let out = StandardOutput(descriptor: 1)
  /// Standard error.
  package static let error = StandardOutput(descriptor: 2)

  /// Writes a text at once.
  package func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let count = Glibc.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          return
        }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Whether people look at it.
  package var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Columns and rows at this moment.
  package var size: (columns: Int, rows: Int)? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}
