internal import CPonsSystem
internal import Glibc
internal import PonsEngine
internal import PonsKit

/// A worker that runs: its process, its socket and its folder. Killed, waited for and cleaned up when it is let go.
final class WorkerProcess: @unchecked Sendable {
  // @unchecked: one call at a time has it; it is handed over under a lock.
  let channel: WorkerChannel
  /// A folder that only this worker writes to.
  let folder: String
  /// What limits it together with everything that it starts, where this machine has that.
  let group: WorkerGroup?
  private let process: pid_t
  private let descriptor: Int32
  private var hasEnded = false

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - folder: where the worker's own folder is made.
  ///   - arguments: gets the paths of the worker's folder and of its control group.
  init(_ executable: String, in folder: String, arguments: (String, String?) -> [String]) throws {
    var template = Array((folder + "/worker-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw StageFailure(.resource, code: "NO_SCRATCH", "no folder for a worker can be made")
    }
    let own = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var ends: [Int32] = [-1, -1]
    if pons_system_socket_pair(&ends) != 0 {
      HostFile.removeTree(own)
      throw StageFailure(.resource, code: "NO_SOCKET", "no socket for a worker can be made")
    }
    channel = WorkerChannel(socket: ends[0], takesDescriptors: false)
    self.folder = own
    group = WorkerGroup(allowing: WorkerLimits.halfOfMemory)
    do {
      process = try WorkerSpawner.start(executable, arguments(own, group?.folder), socket: ends[1])
    } catch {
      close(ends[1])
      HostFile.removeTree(own)
      throw error
    }
    close(ends[1])
    descriptor = pons_system_process_descriptor(process)
  }

  deinit {
    kill()
    HostFile.removeTree(folder)
  }

  /// Seconds of CPU time since it was started.
  var cpuSeconds: Double { max(0, pons_system_cpu_seconds(process)) }

  /// Bytes in its memory: those of its own, and those that it shares with others.
  var residentBytes: (own: Int, shared: Int) {
    guard let bytes = try? HostFile.readStream("/proc/\(process)/status", limit: 1 << 16) else {
      return (0, 0)
    }
    var found: [Substring: Int] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
      if fields.count == 3, fields[2] == "kB" { found[fields[0]] = Int(fields[1]) }
    }
    return (
      (found["RssAnon"] ?? 0) << 10 + (found["VmSwap"] ?? 0) << 10, (found["RssShmem"] ?? 0) << 10
    )
  }

  /// Whether it has ended; what it has started may still hold its socket.
  var isGone: Bool {
    guard descriptor >= 0 else { return false }
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&polled, 1, 0) > 0
  }

  /// Why it ended by itself.
  ///
  /// - Parameter memory: bytes that it was allowed to have.
  func endFault(memory: Int) -> WorkerFault {
    let end = describeEnd()
    return group?.wasTooSmall == true
      ? .tooMuchMemory(memory) : WorkerFault(code: WorkerFault.crashed, end)
  }

  /// Waits a little for the process to end by itself, as it does after a crash, and says how it ended.
  private func describeEnd() -> String {
    var status: Int32 = 0
    for attempt in 0..<100 {
      if waitpid(process, &status, WNOHANG) == process {
        // Its number is free from now on, but not that of the group, if anybody is left in it.
        hasEnded = true
        Glibc.kill(-process, SIGKILL)
        if descriptor >= 0 { close(descriptor) }
        let signal = status & 0x7f
        return signal == 0
          ? "it ended with exit code \((status >> 8) & 0xff)"
          : "it was ended by \(PluginScanner.describe(signal: signal))"
      }
      usleep(attempt < 10 ? 200 : 5000)
    }
    return "it closed its socket"
  }

  /// Ends it at once, with everything that it has started.
  func kill() {
    if hasEnded { return }
    hasEnded = true
    pons_system_kill(descriptor, process)
    waitpid(process, nil, 0)
    if descriptor >= 0 { close(descriptor) }
  }

  /// Lets it end by itself, so that instances are destroyed; kills it when that takes longer than half a second.
  func end() {
    try? channel.send(["do": "end"], waiting: { throw WorkerChannel.Garbage(reason: "") })
    if descriptor >= 0 {
      var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      poll(&polled, 1, 500)
    }
    kill()
  }
}
