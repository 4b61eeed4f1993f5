internal import Glibc
internal import PonsEngine
internal import PonsKit
internal import PonsManifest

/// A plugin that is a program with a file `plugin.yaml` beside it: it always runs in a process of its own.
enum ProgramPlugin {
  /// Whether a file describes such a plugin.
  static func isDescription(_ path: String) -> Bool {
    path == ProgramDocument.fileName || path.hasSuffix("/" + ProgramDocument.fileName)
  }

  /// How the plugin in a file is run: the program of a description, or the library itself.
  static func program(_ path: String) throws(PluginFault) -> PluginProgram {
    guard isDescription(path) else { return PluginProgram(file: path) }
    guard let bytes = try? HostFile.read(path, limit: 1 << 20) else {
      throw PluginFault(code: "NOT_LOADABLE", "it cannot be read")
    }
    let run: [String]
    do throws(ManifestErrors) {
      run = try ProgramDocument(bytes, file: ProgramDocument.fileName).run
    } catch {
      throw PluginFault(code: "BAD_DESCRIPTOR", "\(error)")
    }
    let folder = HostFile.folder(of: path)
    var command = run.map { part in
      let beside = folder + "/" + part
      return !part.hasPrefix("/") && HostFile.isFile(beside) ? beside : part
    }
    if !command[0].contains("/") {
      let places = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
      guard
        let found = places.split(separator: ":").map({ "\($0)/\(command[0])" }).first(where: {
          HostFile.isFile($0) && access($0, X_OK) == 0
        })
      else {
        throw PluginFault(
          code: "NOT_LOADABLE",
          "the program '\(command[0])' that it runs is not in PATH, and not beside it")
      }
      command[0] = found
    }
    return PluginProgram(file: path, command: command)
  }

  /// The files of a plugin, which its digest is made of: everything in the folder of its description but caches and hidden
  /// files.
  static func files(_ path: String) -> [String] {
    guard isDescription(path) else { return [path] }
    var files: [String] = []
    func collect(_ folder: String, depth: Int) {
      for name in HostFile.names(in: folder) ?? [] where !name.hasPrefix(".") {
        let path = folder + "/" + name
        if name == "__pycache__" || files.count >= maximumFiles { continue }
        if HostFile.isFile(path) { files.append(path) }
        if HostFile.isFolder(path), depth < 16 { collect(path, depth: depth + 1) }
      }
    }
    collect(HostFile.folder(of: path), depth: 0)
    return files
  }

  private static let maximumFiles = 10_000

  /// SHA-256 of a library, or over the names and digests of the files of a program.
  static func digest(_ path: String) throws -> String {
    guard isDescription(path) else { return try SHA256.digest(file: path) }
    let folder = HostFile.folder(of: path)
    var hash = SHA256()
    hash.update(field: "pons program 1")
    for file in files(path) {
      hash.update(field: String(file.dropFirst(folder.utf8.count)))
      hash.update(field: try SHA256.digest(file: file))
    }
    return try hash.finish()
  }

  /// Asks a program what it is, by starting it.
  static func ask(_ path: String, worker: String) throws(PluginFault) -> (
    plugin: PluginDescriptor, libraries: [LibraryInUse]
  ) {
    let program = try program(path)
    do {
      return try HostFile.withTemporaryFolder { folder in
        let start = try WorkerStart(WorkerLaunch(worker: worker, plugin: program, folder: folder))
        let ready = try start.ready(call: nil)
        ready.process.kill()
        return (ready.plugin, ready.libraries)
      }
    } catch let fault as WorkerFault {
      throw PluginFault(code: fault.code, fault.message)
    } catch {
      throw PluginFault(code: "NO_WORKER", "\((error as? StageFailure)?.message ?? "\(error)")")
    }
  }
}

extension HostFile {
  /// Runs a body with a new folder that is removed afterwards.
  ///
  /// - Throws: `StageFailure` of category `resource`, and what the body throws.
  static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array((base + "/pons-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw StageFailure(.resource, code: "NO_SCRATCH", "no temporary folder can be made")
    }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { removeTree(folder) }
    return try body(folder)
  }
}
