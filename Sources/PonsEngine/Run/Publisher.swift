internal import Glibc
internal import PonsKit

/// Puts declared outputs into the output folder: complete files under their final names, or nothing.
///
/// Files are linked from the store where both lie on one file system, else copied. A file that is there and that nothing else
/// holds (somebody corrected a mask by hand, say) is moved aside, never overwritten.
struct Publisher: Sendable {
  let output: String
  /// On the output's file system, for files that are being copied.
  let staging: RunFolder
  let store: PacketStore
  let pool: BufferPool

  /// Prepares publishing into a folder, and removes what runs that were killed have left there.
  init(output: String, store: PacketStore, pool: BufferPool) {
    self.output = output
    self.store = store
    self.pool = pool
    let prefix = ".pons-staging-"
    RunFolder.removeAbandoned(in: output, prefix: prefix)
    staging = RunFolder("\(output)/\(prefix)\(store.runName)")
  }

  /// Removes what the run left unfinished.
  func removeTemporary() { staging.remove() }

  /// Publishes one packet.
  ///
  /// - Parameters:
  ///   - name: the declared output.
  ///   - caseKey: nil for outputs of the run as a whole.
  ///   - content: the packet, when it is in memory or can be brought there.
  /// - Returns: the files, relative to the output folder.
  func publish(
    _ slot: PacketSlot, name: String, content: (PacketSlot) throws -> Packet
  ) throws -> [String] {
    let paths = try put(slot, name: name, content: content)
    try withdraw(name, caseKey: slot.caseKey, except: paths)
    return paths
  }

  /// Moves aside what an earlier run left for an output that this run does not have, or has under another ending: an old
  /// mask beside a refused case would look like its result.
  func withdraw(_ name: String, caseKey: String?, except kept: [String] = []) throws {
    let folder = caseKey.map { "\(output)/\($0)" } ?? output
    let keptNames = Set(kept.map { FileSystem.lastPart($0) })
    let keepsFolder = kept.contains {
      $0.split(separator: "/").dropLast().last.map(String.init) == name
    }
    for found in FileSystem.names(in: folder) {
      guard found == name ? !keepsFolder : found.hasPrefix(name + "."), !keptNames.contains(found)
      else { continue }
      try moveAside("\(folder)/\(found)", removing: true)
    }
  }

  private func put(
    _ slot: PacketSlot, name: String, content: (PacketSlot) throws -> Packet
  ) throws -> [String] {
    let folder = slot.caseKey.map { "\($0)/" } ?? ""
    if slot.caseKey != nil { try FileSystem.makeFolders("\(output)/\(folder)") }
    if slot.kind == "files" {
      guard case .file(let path, _)? = slot.location else {
        throw StageFailure(.internal, code: "NOT_STORED", "the files of '\(name)' were not stored")
      }
      let files = try StoredFiles(try content(slot), at: path).files
      if files.count == 1, let file = files.first {
        // "volume.nii.gz" becomes "<output>.nii.gz": everything from the first dot stays.
        let ending = file.name.firstIndex(of: ".").map { String(file.name[$0...]) } ?? ""
        let target = "\(folder)\(name)\(ending)"
        try place(file.path, at: target)
        return [target]
      }
      try FileSystem.makeFolders("\(output)/\(folder)\(name)")
      return try files.map { file in
        let target = "\(folder)\(name)/\(file.name)"
        try place(file.path, at: target)
        return target
      }
    }
    let target = "\(folder)\(name).safetensors"
    if case .file(let path, _)? = slot.location {
      try place(path, at: target)
    } else {
      try staging.make()
      let temporary = "\(staging.path)/\(slot.identity)-\(name)"
      unlink(temporary)
      _ = try content(slot).write(to: temporary)
      try replace("\(output)/\(target)", by: temporary)
    }
    return [target]
  }

  /// Makes a file of the store appear in the output folder.
  private func place(_ source: String, at target: String) throws {
    let path = "\(output)/\(target)"
    var there = stat()
    var stored = stat()
    if stat(source, &stored) != 0 { throw SystemFailure.resource("stat", path: source) }
    if lstat(path, &there) == 0, there.st_ino == stored.st_ino, there.st_dev == stored.st_dev {
      return
    }
    try staging.make()
    let temporary = "\(staging.path)/\(stored.st_ino)-\(FileSystem.lastPart(target))"
    unlink(temporary)
    if link(source, temporary) != 0 { try copy(source, to: temporary) }
    try replace(path, by: temporary)
  }

  /// Renames a complete file to its final name. What was there is kept when this is its only name.
  private func replace(_ path: String, by temporary: String) throws {
    var there = stat()
    if lstat(path, &there) == 0 {
      if there.st_mode & S_IFMT == S_IFDIR {
        unlink(temporary)
        throw StageFailure(
          .resource, code: "IN_THE_WAY", "'\(FileSystem.lastPart(path))' in the output is a folder",
          hint: "move it away and run again")
      }
      if there.st_nlink == 1, try !isEqual(path, temporary) { try moveAside(path) }
    }
    if rename(temporary, path) != 0 {
      let failure = SystemFailure.resource("rename", path: path)
      unlink(temporary)
      throw failure
    }
    // Renaming one link over another of the same file does nothing, and leaves both.
    unlink(temporary)
  }

  /// Gives a file a second name under `previous/`, or moves it there.
  private func moveAside(_ path: String, removing: Bool = false) throws {
    let name = FileSystem.lastPart(path)
    let folder = "\(path.dropLast(name.count))previous"
    try FileSystem.makeFolders(folder)
    for number in 1... {
      let target = "\(folder)/\(number)-\(name)"
      if access(target, F_OK) == 0 { continue }
      if !removing, link(path, target) == 0 { return }
      if rename(path, target) == 0 { return }
      throw SystemFailure.resource("rename", path: name)
    }
  }

  private func isEqual(_ left: String, _ right: String) throws -> Bool {
    var first = stat()
    var second = stat()
    guard stat(left, &first) == 0, stat(right, &second) == 0, first.st_size == second.st_size else {
      return false
    }
    return try SHA256.digest(file: left) == SHA256.digest(file: right)
  }

  private func copy(_ source: String, to target: String) throws {
    let input = open(source, O_RDONLY | O_CLOEXEC)
    if input < 0 { throw SystemFailure.resource("open", path: source) }
    defer { close(input) }
    try FileSystem.create(target) { output in
      try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 64) { chunk in
        while true {
          let count = Glibc.read(input, chunk.baseAddress, chunk.count)
          if count < 0, errno == EINTR { continue }
          if count < 0 { throw SystemFailure.resource("read", path: source) }
          if count == 0 { return }
          try FileSystem.write(
            UnsafeRawBufferPointer(rebasing: chunk[..<count]), to: output, name: target)
        }
      }
    }
  }
}
