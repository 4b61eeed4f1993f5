/// A line that shows how far a file is, on terminals only.
final class TransferLine {
  private let console: Console
  private var last = 0.0
  private var isDrawn = false
  private var done = 0

  init(_ console: Console) { self.console = console }

  /// Shows how many bytes are there.
  func show(_ name: String, done: Int, total: Int?) {
    let now = monotonicSeconds()
    guard console.error.isTerminal, now - last > 0.1 else { return }
    last = now
    isDrawn = true
    let amount = total.map { "\(ByteCount(bytes: done)) of \(ByteCount(bytes: $0))" }
    let share = total.flatMap { $0 > 0 ? " (\(done * 100 / $0) %)" : nil } ?? ""
    let text = "\(name.printable): \(amount ?? "\(ByteCount(bytes: done))")\(share)"
    console.error.write("\r\u{1B}[K" + text.cut(to: max(1, console.width - 1)))
  }

  /// Shows that more bytes were read.
  func add(_ name: String, _ bytes: Int) {
    done += bytes
    show(name, done: done, total: nil)
  }

  /// Removes the line.
  func clear() {
    if isDrawn { console.error.write("\r\u{1B}[K") }
    isDrawn = false
  }
}
