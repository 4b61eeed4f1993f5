internal import CPonsSystem
internal import Glibc

/// Child processes that answer through descriptor 3: their own output cannot disturb the answer, and a crash or a hang
/// cannot disturb this process.
package enum ChildProcess {
  /// How a child ended.
  package enum End: Sendable, Equatable {
    case exited(Int32)
    case signalled(Int32)
    case timedOut
    case notStarted(String)
    case answeredTooMuch
  }

  /// One child to be run.
  package struct Job: Sendable {
    package var executable: String
    package var arguments: [String]

    package init(executable: String, arguments: [String]) {
      self.executable = executable
      self.arguments = arguments
    }
  }

  /// What came of it.
  package struct Result: Sendable {
    package var end: End
    /// All bytes that it wrote to descriptor 3.
    package var answer: [UInt8]
  }

  /// An answer of more bytes is no answer.
  static let maximumAnswer = 64 << 20

  /// Runs children, `width` at a time, and kills those that take longer than `seconds`.
  package static func run(_ jobs: [Job], width: Int, seconds: Double) -> [Result] {
    // Children would be in the way of it.
    WorkerGroup.takeOver()
    var results = jobs.map { _ in Result(end: .timedOut, answer: []) }
    var running: [Running] = []
    var next = 0
    while next < jobs.count || !running.isEmpty {
      while next < jobs.count, running.count < max(1, width) {
        do throws(StartError) {
          running.append(try Running(jobs[next], index: next, seconds: seconds))
        } catch {
          results[next].end = .notStarted(error.reason)
        }
        next += 1
      }
      if running.isEmpty { continue }
      wait(for: running)
      for child in running {
        child.readMore()
        if let end = child.end() {
          results[child.index] = Result(end: end, answer: child.answer)
        }
      }
      running.removeAll(where: \.isOver)
    }
    return results
  }

  /// Sleeps until one of the children writes, ends its answer, or is late.
  private static func wait(for running: [Running]) {
    var polled = running.map { child in
      pollfd(fd: child.isAnswerComplete ? -1 : child.descriptor, events: Int16(POLLIN), revents: 0)
    }
    let now = MonotonicClock.seconds
    var wait = running.map { max(0, $0.deadline - now) }.min() ?? 0
    // After the end of its answer a child has only to exit: there is nothing to poll for.
    if running.contains(where: \.isAnswerComplete) { wait = min(wait, 0.002) }
    poll(&polled, nfds_t(polled.count), Int32((wait * 1000).rounded(.up)))
  }
}

/// Seconds since some time in the past, never set back.
enum MonotonicClock {
  static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

private struct StartError: Error {
  let reason: String
}

/// One child that was started.
private final class Running {
  let index: Int
  let descriptor: Int32
  let deadline: Double
  private(set) var answer: [UInt8] = []
  private(set) var isAnswerComplete = false
  private(set) var isOver = false
  private let process: pid_t

  /// A group of its own, so that what a plugin starts can be killed with it.
  init(_ job: ChildProcess.Job, index: Int, seconds: Double) throws(StartError) {
    var ends: [Int32] = [-1, -1]
    if pons_system_pipe(&ends) != 0 { throw StartError(reason: String(cString: strerror(errno))) }
    var arguments = ([job.executable] + job.arguments).map { strdup($0) }
    arguments.append(nil)
    defer { arguments.forEach { free($0) } }
    var process: pid_t = 0
    let error = pons_system_spawn(&process, job.executable, arguments, ends[1])
    close(ends[1])
    if error != 0 {
      close(ends[0])
      throw StartError(reason: String(cString: strerror(error)))
    }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    self.process = process
    self.index = index
    descriptor = ends[0]
    deadline = MonotonicClock.seconds + seconds
  }

  func readMore() {
    if isAnswerComplete { return }
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { chunk in
      while answer.count <= ChildProcess.maximumAnswer {
        let count = read(descriptor, chunk.baseAddress, chunk.count)
        if count > 0 {
          answer.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        } else {
          if count == 0 || (errno != EAGAIN && errno != EINTR) { isAnswerComplete = true }
          return
        }
      }
    }
  }

  /// How it ended, or nil when it still runs.
  func end() -> ChildProcess.End? {
    var status: Int32 = 0
    if waitpid(process, &status, WNOHANG) == process {
      readMore()
      finish()
      let signal = status & 0x7f
      return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }
    let isTooLong = answer.count > ChildProcess.maximumAnswer
    if !isTooLong, MonotonicClock.seconds < deadline { return nil }
    kill(-process, SIGKILL)
    waitpid(process, &status, 0)
    finish()
    return isTooLong ? .answeredTooMuch : .timedOut
  }

  private func finish() {
    // What the plugin left running in the group goes as well.
    kill(-process, SIGKILL)
    close(descriptor)
    isOver = true
  }
}
