internal import Glibc

/// Small files and folders of the host.
enum HostFile {
  struct Unusable: Error {}

  static func read(_ path: String, limit: Int) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw Unusable() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= limit
    else { throw Unusable() }
    let size = Int(status.st_size)
    return try [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
      while count < size {
        let got = Glibc.read(descriptor, bytes.baseAddress.map { $0 + count }, size - count)
        if got < 0, errno != EINTR { throw Unusable() }
        if got == 0 { break }
        count += max(got, 0)
      }
    }
  }

  /// Reads a file of the kernel, which does not tell its size.
  static func readStream(_ path: String, limit: Int) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw Unusable() }
    defer { close(descriptor) }
    return try [UInt8](unsafeUninitializedCapacity: limit) { bytes, count in
      while count < limit {
        let got = Glibc.read(descriptor, bytes.baseAddress.map { $0 + count }, limit - count)
        if got < 0, errno != EINTR { throw Unusable() }
        if got == 0 { break }
        count += max(got, 0)
      }
    }
  }

  /// Writes beside the file and renames: readers see the old or the new content, never half of one.
  static func replace(_ path: String, with bytes: [UInt8]) throws {
    makeFolders(folder(of: path))
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw Unusable() }
    var written = 0
    bytes.withUnsafeBytes { bytes in
      while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        if count < 0, errno != EINTR { break }
        written += max(count, 0)
      }
    }
    if close(descriptor) != 0 || written < bytes.count || rename(temporary, path) != 0 {
      unlink(temporary)
      throw Unusable()
    }
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func lastPart(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Names in a folder, sorted; nil when it cannot be listed.
  static func names(in folder: String) -> [String]? {
    guard let handle = opendir(folder) else { return nil }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The path without symbolic links, or nil when nothing is there.
  static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  static func makeFolders(_ path: String) {
    if path.isEmpty || path == "/" || isFolder(path) { return }
    makeFolders(folder(of: path))
    mkdir(path, 0o700)
  }

  /// The path of the running program.
  static var executable: String? { resolved("/proc/self/exe") }
}

extension HostFile {
  /// Removes a folder with everything in it; links are removed, not followed.
  static func removeTree(_ path: String) {
    var status = stat()
    if lstat(path, &status) != 0 { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in names(in: path) ?? [] { removeTree(path + "/" + name) }
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}
