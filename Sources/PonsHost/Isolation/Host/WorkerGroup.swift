internal import CPonsSystem
internal import Glibc
internal import PonsKit
internal import Synchronization

/// The control group (Linux, version 2) of one worker: the kernel itself keeps the worker, with everything that it starts, below
/// a number of bytes, between the looks of ``WorkerWatch`` too.
///
/// There is one where the group that Pons runs in was handed over to it (`Delegate=memory` in a unit of systemd). Pons then moves into
/// a group of its own inside, `pons`, because only groups without processes may have limited groups below them.
final class WorkerGroup: Sendable {
  let folder: String
  private let allowed: Mutex<Int>

  /// Whether workers get a group here.
  static var isAvailable: Bool { delegated != nil }

  /// Moves this process into a group of its own, once; for before it starts the first child.
  static func takeOver() { _ = delegated }

  /// Makes the group of a worker that has not been started; nil where there are none.
  init?(allowing bytes: Int) {
    guard let delegated = Self.delegated else { return nil }
    let number = Self.made.withLock { made in
      made += 1
      return made
    }
    folder = "\(delegated)/worker-\(number)"
    allowed = Mutex(bytes)
    guard mkdir(folder, 0o755) == 0 else { return nil }
    // A worker that is swapped out instead of being stopped would slow down everything else.
    Self.write("0", to: folder + "/memory.swap.max")
    Self.write("1", to: folder + "/memory.oom.group")
    guard Self.write("\(bytes)", to: folder + "/memory.max") else {
      rmdir(folder)
      return nil
    }
  }

  deinit {
    Self.write("1", to: folder + "/cgroup.kill")
    // Whoever was killed is there until it has given back its memory.
    for _ in 0..<200 {
      if rmdir(folder) == 0 || errno != EBUSY { return }
      usleep(5000)
    }
  }

  /// Sets what may be in memory: what the stage may have, and the packets that it writes, which count as its own.
  func allow(_ bytes: Int) {
    allowed.withLock { allowed in
      if allowed != bytes, Self.write("\(bytes)", to: folder + "/memory.max") { allowed = bytes }
    }
  }

  /// Whether the kernel had to kill somebody in it.
  var wasTooSmall: Bool {
    guard let bytes = try? HostFile.readStream(folder + "/memory.events", limit: 1 << 12) else {
      return false
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { line in
      line.hasPrefix("oom_kill ") && line != "oom_kill 0"
    }
  }

  /// Moves the calling process into a group; for the worker itself, before anything foreign runs.
  @discardableResult static func join(_ folder: String) -> Bool {
    write("0", to: folder + "/cgroup.procs")
  }

  // MARK: Where groups can be made

  private static let made = Mutex(0)

  /// The folder of the group that was handed over, with limits of memory switched on; nil when there is none.
  private static let delegated: String? = {
    let root = "/sys/fs/cgroup"
    guard let bytes = try? HostFile.readStream("/proc/self/cgroup", limit: 1 << 16),
      let own = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        .first(where: { $0.hasPrefix("0::/") })?.dropFirst(3)
    else { return nil }
    let folder = own == "/" ? root : root + own
    guard pons_system_is_delegated_group(folder) != 0 else { return nil }
    let leaf = folder + "/pons"
    guard mkdir(leaf, 0o755) == 0 || errno == EEXIST, join(leaf) else { return nil }
    // Fails when somebody else is in the group as well, a shell for example.
    guard write("+memory", to: folder + "/cgroup.subtree_control") else {
      join(folder)
      rmdir(leaf)
      return nil
    }
    return folder
  }()

  @discardableResult private static func write(_ text: String, to file: String) -> Bool {
    let descriptor = open(file, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count
  }
}
