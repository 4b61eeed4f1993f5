internal import CPonsSystem
internal import Glibc
internal import PonsEngine
internal import Synchronization

/// A library that is loaded from a copy in memory which nobody can change: what was hashed is what is loaded.
///
/// The copy has no folder, so libraries that a plugin looks for relative to itself (`$ORIGIN`) would not be found. They are part of what
/// is loaded: each is copied, checked and loaded first, and the dynamic linker then takes it by its name.
enum SealedLibrary {
  private struct Handle: @unchecked Sendable {
    // @unchecked: handles of the dynamic linker are valid in all threads.
    let pointer: UnsafeMutableRawPointer
  }
  /// What was loaded, by digest: two copies of one plugin would be two plugins.
  private static let loaded = Mutex<[String: Handle]>([:])

  /// A file in memory that was checked, with those that it needs beside it.
  struct Copy {
    fileprivate var name: String
    fileprivate var descriptor: Int32
    fileprivate var beside: [Copy]
    /// SHA-256 of what is loaded.
    var digest: String
  }

  /// Copies and checks a file, and the libraries that it finds relative to itself. A process that gives up its rights does this
  /// before, because it may not make memory files then.
  ///
  /// - Throws: ``PluginFault``: `NOT_ALLOWED`, or why it cannot be read.
  static func copy(
    _ path: String, trust: PluginTrust, depth: Int = 0
  ) throws(PluginFault) -> Copy {
    if depth > 16 {
      throw PluginFault(code: "NOT_LOADABLE", "it needs libraries that need each other")
    }
    let descriptor = try sealedCopy(of: path)
    let digest = try digest(of: descriptor, trust)
    var copy = Copy(
      name: HostFile.lastPart(path), descriptor: descriptor, beside: [], digest: digest)
    for needed in ELFDependencies(descriptor).besideIt(HostFile.folder(of: path)) {
      if let loaded = dlopen(needed.name, RTLD_NOLOAD | RTLD_LAZY) {
        dlclose(loaded)
        continue
      }
      do throws(PluginFault) {
        copy.beside.append(try self.copy(needed.path, trust: trust, depth: depth + 1))
      } catch {
        throw PluginFault(code: error.code, "its library '\(needed.name)': \(error.message)")
      }
    }
    return copy
  }

  /// Loads a copy: what it needs first, which the dynamic linker then takes by its name.
  ///
  /// - Throws: ``PluginFault`` when it cannot be loaded.
  static func load(_ copy: Copy) throws(PluginFault) -> UnsafeMutableRawPointer {
    if let known = loaded.withLock({ $0[copy.digest] }) {
      close(copy.descriptor)
      return known.pointer
    }
    for needed in copy.beside { _ = try load(needed) }
    // The descriptor stays open for good: the dynamic linker knows the library by its number, and would take another file with
    // the same number for it.
    let name = "/proc/self/fd/\(copy.descriptor)"
    guard let pointer = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
      var reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      if reason.hasPrefix(name + ": ") { reason.removeFirst(name.count + 2) }
      throw PluginFault(code: "NOT_LOADABLE", "it cannot be loaded: \(reason)")
    }
    let handle = Handle(pointer: pointer)
    loaded.withLock { $0[copy.digest] = handle }
    return pointer
  }

  /// The libraries that a file finds relative to itself, and theirs, by name.
  static func libraries(beside path: String) -> [String: String] {
    var found: [String: String] = [:]
    var open = [path]
    while let next = open.popLast(), found.count < 256 {
      let file = Glibc.open(next, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      if file < 0 { continue }
      defer { close(file) }
      for (name, path) in ELFDependencies(file).besideIt(HostFile.folder(of: next))
      where found.updateValue(path, forKey: name) == nil {
        open.append(path)
      }
    }
    return found
  }

  private static func sealedCopy(of path: String) throws(PluginFault) -> Int32 {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    var status = stat()
    guard file >= 0, fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      let reason = file < 0 ? String(cString: strerror(errno)) : "it is no regular file"
      if file >= 0 { close(file) }
      throw PluginFault(code: "NOT_LOADABLE", "it cannot be read: \(reason)")
    }
    defer { close(file) }
    let name = HostFile.lastPart(path)
    let copy = pons_system_sealed_copy(file, String(name.prefix(200)))
    if copy < 0 {
      throw PluginFault(
        code: "NOT_LOADABLE", "it cannot be copied into memory: \(String(cString: strerror(errno)))"
      )
    }
    return copy
  }

  /// The digest of a sealed copy, when it may be loaded; else the copy is given back.
  private static func digest(
    of copy: Int32, _ trust: PluginTrust
  ) throws(PluginFault) -> String {
    do {
      let digest = try SHA256.digest(file: "/proc/self/fd/\(copy)")
      try trust.check(digest)
      return digest
    } catch let fault as PluginFault {
      close(copy)
      throw fault
    } catch {
      close(copy)
      throw PluginFault(code: "NOT_LOADABLE", "its digest cannot be computed: \(error)")
    }
  }
}
