internal import Glibc
internal import Synchronization

/// Turns SIGINT, SIGTERM and SIGHUP into a call: the first one asks for an orderly end, the second one ends the
/// process at once.
///
/// A handler may do next to nothing, so it writes a byte to a pipe that a thread reads. Signals are not
/// blocked: processes that the host starts would inherit that.
package enum Interruption {
  private static let writeEnd = Atomic<Int32>(-1)

  /// Calls a closure on a thread of its own when the process is asked to end. Once a process.
  ///
  /// - Parameters:
  ///   - first: runs at the first signal.
  ///   - second: runs at the second one, a tenth of a second before the process ends with 130.
  package static func handle(
    first: @escaping @Sendable () -> Void, second: @escaping @Sendable () -> Void
  ) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    let (readEnd, newWriteEnd) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(newWriteEnd, F_SETFL, O_NONBLOCK)
    writeEnd.store(newWriteEnd, ordering: .releasing)
    BackgroundThread.start {
      var byte: UInt8 = 0
      var count = 0
      while true {
        let got = read(readEnd, &byte, 1)
        if got < 0 && errno == EINTR { continue }
        guard got == 1 else { return }
        count += 1
        // On threads of their own: neither may keep the second signal from ending the process.
        if count == 1 {
          BackgroundThread.start(first)
        } else {
          BackgroundThread.start(second)
          usleep(100_000)
          _exit(ExitCode.interrupted.rawValue)
        }
      }
    }
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    for number in [SIGINT, SIGTERM, SIGHUP] where !(number == SIGHUP && isIgnored(number)) {
      install(number)
      sigaddset(&unblocked, number)
    }
    // A parent may have left them blocked.
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
  }

  /// `nohup` has a run outlive its terminal.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }

  private static func install(_ number: Int32) {
    var action = sigaction()
    sigemptyset(&action.sa_mask)
    action.sa_flags = SA_RESTART
    action.__sigaction_handler.sa_handler = { _ in
      let saved = errno
      var byte: UInt8 = 1
      _ = write(Interruption.writeEnd.load(ordering: .acquiring), &byte, 1)
      errno = saved
    }
    sigaction(number, &action, nil)
  }
}
