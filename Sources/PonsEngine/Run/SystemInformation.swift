internal import CPonsSystem
internal import Glibc

/// What the machine offers to a run.
public enum SystemInformation {
  /// Processors that this process may use: its affinity mask counts, not the machine.
  public static var cores: Int { Int(pons_system_processors()) }

  /// Bytes of memory in the machine.
  public static var memory: Int {
    max(0, sysconf(Int32(_SC_PHYS_PAGES))) * max(0, sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Prepares malloc for large arrays that come and go. To be called first in a process, before any thread is started.
  public static func keepPages() { pons_system_keep_pages() }
}
