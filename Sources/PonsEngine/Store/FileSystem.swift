internal import Glibc
internal import PonsKit
internal import Synchronization

/// The few file operations that the engine needs, with errors that name the file.
package enum FileSystem {
  /// Makes a folder and those above it.
  static func makeFolders(_ path: String, mode: mode_t = 0o777) throws {
    if mkdir(path, mode) == 0 || errno == EEXIST {
      var status = stat()
      if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
      throw StageFailure(
        .resource, code: "NOT_A_FOLDER", "'\(lastPart(path))' exists and is not a folder")
    }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw SystemFailure.resource("mkdir", path: path)
    }
    try makeFolders(String(path[..<slash]))
    if mkdir(path, mode) != 0, errno != EEXIST { throw SystemFailure.resource("mkdir", path: path) }
  }

  static func lastPart(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Everything in a file, when it is no longer than `limit`.
  static func read(_ path: String, limit: Int = 1 << 30) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw SystemFailure.resource("open", path: path) }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw SystemFailure.resource("fstat", path: path) }
    let size = Int(status.st_size)
    if size > limit {
      throw StageFailure(.resource, code: "TOO_LARGE", "'\(lastPart(path))' has \(size) bytes")
    }
    return try read(descriptor, at: 0, count: size, name: path)
  }

  /// `count` bytes at an offset of an open file; fewer when the file ends before.
  static func read(_ descriptor: Int32, at offset: Int, count: Int, name: String) throws -> [UInt8]
  {
    var failure: StageFailure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, offset + filled)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = SystemFailure.resource("read", path: name) }
        if got <= 0 { return }
        filled += got
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Writes all bytes to an open file.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, name: String) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw SystemFailure.resource("write", path: name) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  private static let temporaryNumber = Atomic<Int>(0)

  /// A name beside a path that nobody else uses.
  static func temporaryName(_ path: String) -> String {
    let number = temporaryNumber.add(1, ordering: .relaxed).newValue
    var random: UInt32 = 0
    getentropy(&random, MemoryLayout<UInt32>.size)
    return "\(path).\(getpid())-\(number)-\(random).tmp"
  }

  /// Makes a file that was not there before; when `fill` fails nothing is left.
  static func create(_ path: String, mode: mode_t = 0o666, fill: (Int32) throws -> Void) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    if descriptor < 0 { throw SystemFailure.resource("open", path: path) }
    do {
      try fill(descriptor)
    } catch {
      close(descriptor)
      unlink(path)
      throw error
    }
    if close(descriptor) != 0 {
      let failure = SystemFailure.resource("close", path: path)
      unlink(path)
      throw failure
    }
  }

  /// Makes a file with all its bytes: under a temporary name first, then renamed, so that nobody ever sees half of it.
  static func replace(_ path: String, with text: String, mode: mode_t = 0o666) throws {
    let temporary = temporaryName(path)
    try create(temporary, mode: mode) { descriptor in
      var text = text
      try text.withUTF8 {
        try write(UnsafeRawBufferPointer($0), to: descriptor, name: path)
      }
    }
    if rename(temporary, path) != 0 {
      let failure = SystemFailure.resource("rename", path: path)
      unlink(temporary)
      throw failure
    }
  }

  /// Makes a file with a text, in one step: readers see the old one or the new one.
  package static func write(_ text: String, to path: String) throws {
    try replace(path, with: text, mode: 0o666)
  }

  /// Names of the files and folders in a folder, sorted; empty when it cannot be read.
  static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file, or a folder with everything in it. What cannot be removed stays.
  package static func remove(_ path: String) {
    if unlink(path) == 0 || errno == ENOENT { return }
    for name in names(in: path) { remove("\(path)/\(name)") }
    rmdir(path)
  }

  /// Whether a file is there, has a size, and was last written no later than a time.
  static func isUntouched(_ path: String, size: Int? = nil, since time: timespec) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    if let size, Int(status.st_size) != size { return false }
    let modified = status.st_mtim
    return (modified.tv_sec, modified.tv_nsec) <= (time.tv_sec, time.tv_nsec)
  }

  /// Bytes that may still be written on the file system of a path, or of the nearest folder above it that is there.
  static func freeBytes(near path: String) -> Int {
    var path = path
    var status = statvfs()
    while statvfs(path, &status) != 0 {
      guard path != "/", let slash = path.lastIndex(of: "/") else {
        if path == "." || path == "/" { return 0 }
        path = "."
        continue
      }
      path = slash == path.startIndex ? "/" : String(path[..<slash])
    }
    return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
  }

  /// The bytes of a file; 0 when it is not there.
  static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// When a file or the list of a folder was last changed, in seconds since 1970; 0 when it is not there.
  static func modified(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0
  }

  /// The bytes of files that have no other name than those in a folder and below it.
  static func bytesFreed(byRemoving path: String) -> Int {
    var status = stat()
    guard lstat(path, &status) == 0 else { return 0 }
    if status.st_mode & S_IFMT != S_IFDIR { return status.st_nlink == 1 ? Int(status.st_size) : 0 }
    return names(in: path).reduce(0) { $0 + bytesFreed(byRemoving: "\(path)/\($1)") }
  }
}
