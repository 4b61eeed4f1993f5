internal import CPonsSystem
internal import Glibc
internal import PonsEngine
internal import PonsKit
internal import Synchronization

/// The thread that starts all workers. The kernel kills a worker when the thread that started it ends, and so this one lives
/// as long as the process: workers never outlive it, whatever happens to it.
enum WorkerSpawner {
  private final class Request: Sendable {
    let executable: String
    let arguments: [String]
    let socket: Int32
    let outcome = Mutex<(process: pid_t, error: Int32)?>(nil)

    init(_ executable: String, _ arguments: [String], socket: Int32) {
      self.executable = executable
      self.arguments = arguments
      self.socket = socket
    }
  }

  private static let monitor = Monitor()
  private static let requests = Mutex<[Request]>([])
  private static let thread = EngineThread("pons-spawner") { serve() }

  /// Starts a program with a socket as descriptor 3.
  ///
  /// - Throws: `StageFailure` of category `resource`.
  static func start(_ executable: String, _ arguments: [String], socket: Int32) throws -> pid_t {
    guard thread.isStarted else {
      throw StageFailure(.resource, code: "NO_THREADS", "no thread can be started")
    }
    let request = Request(executable, arguments, socket: socket)
    let (process, error) = monitor.withLock {
      requests.withLock { $0.append(request) }
      monitor.broadcast()
      while true {
        if let outcome = request.outcome.withLock({ $0 }) { return outcome }
        monitor.wait()
      }
    }
    if error != 0 {
      throw StageFailure(
        .resource, code: "NO_WORKER",
        "the program pons-worker cannot be started: \(String(cString: strerror(error)))")
    }
    return process
  }

  private static func serve() {
    monitor.lock()
    while true {
      guard let request = requests.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
        monitor.wait()
        continue
      }
      monitor.unlock()
      var arguments = ([request.executable] + request.arguments).map { strdup($0) }
      arguments.append(nil)
      var process: pid_t = 0
      let error = pons_system_spawn(&process, request.executable, arguments, request.socket)
      arguments.forEach { free($0) }
      monitor.lock()
      request.outcome.withLock { $0 = (process, error) }
      monitor.broadcast()
    }
  }
}
