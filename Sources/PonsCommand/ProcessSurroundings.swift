internal import CPonsSystem
internal import Glibc

/// What the process was started with.
enum ProcessSurroundings {
  /// The environment variables; of equal names the first counts.
  static func environment() -> [String: String] {
    var result = [String: String]()
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "=") {
        let name = String(line[..<equals])
        if result[name] == nil { result[name] = String(line[line.index(after: equals)...]) }
      }
      entry += 1
    }
    return result
  }

  /// Absolute path of the running program, without symbolic links.
  static func executable() -> String? {
    let capacity = Int(PATH_MAX)
    let path = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
      guard let start = buffer.baseAddress else { return String?.none }
      let count = readlink("/proc/self/exe", start, capacity)
      guard count > 0, count < capacity else { return String?.none }
      return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return path
  }

  /// Cores that this process may use.
  static func cores() -> Int { Int(pons_system_processors()) }

  /// Bytes of memory of the machine.
  static func memory() -> Int {
    max(0, sysconf(Int32(_SC_PHYS_PAGES))) * max(0, sysconf(Int32(_SC_PAGESIZE)))
  }
}
