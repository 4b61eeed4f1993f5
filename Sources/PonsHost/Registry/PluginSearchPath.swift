internal import Glibc
internal import PonsManifest

/// Where plugins are looked for, in order.
public struct PluginSearchPath: Sendable, Hashable {
  /// A folder or file, and which of its files count.
  public struct Place: Sendable, Hashable {
    /// A folder, or one file.
    public var path: String
    /// In the program's own folder other libraries lie as well: only `libpons-*.so` counts.
    public var needsPrefix: Bool
    /// Somebody named it: it is an error when it is not there.
    public var isNamed: Bool
  }

  /// All places, in order.
  public var places: [Place]

  /// The usual places.
  ///
  /// - Parameters:
  ///   - executable: the running program; nil asks the system.
  ///   - environment: the value of `PONS_PLUGIN_PATH`: files and folders separated by colons; nil reads it.
  ///   - manifest: what the manifest names under `plugins:`, as absolute paths.
  public init(executable: String? = nil, environment: String? = nil, manifest: [String] = []) {
    places = []
    if let program = executable ?? HostFile.executable {
      let folder = HostFile.folder(of: program)
      places.append(Place(path: folder, needsPrefix: true, isNamed: false))
      let installed = HostFile.folder(of: folder) + "/lib/pons/plugins"
      places.append(Place(path: installed, needsPrefix: false, isNamed: false))
    }
    let variable = environment ?? getenv("PONS_PLUGIN_PATH").map { String(cString: $0) } ?? ""
    for path in variable.split(separator: ":") {
      places.append(Place(path: String(path), needsPrefix: false, isNamed: true))
    }
    for path in manifest { places.append(Place(path: path, needsPrefix: false, isNamed: true)) }
  }

  /// Only these files and folders.
  public init(only paths: [String]) {
    places = paths.map { Place(path: $0, needsPrefix: false, isNamed: true) }
  }

  /// The folders in which Pons itself has its plugins.
  var ownFolders: Set<String> {
    Set(places.filter { !$0.isNamed }.compactMap { HostFile.resolved($0.path) })
  }

  /// All plugin files, each once, in the order of the places and sorted inside a folder; and what is missing.
  func files() -> (files: [String], problems: [PluginProblem]) {
    var files: [String] = []
    var seen: Set<String> = []
    var problems: [PluginProblem] = []
    func add(_ path: String) {
      if let resolved = HostFile.resolved(path), seen.insert(resolved).inserted {
        files.append(resolved)
      }
    }
    for place in places {
      if HostFile.isFile(place.path) {
        add(place.path)
      } else if let names = HostFile.names(in: place.path) {
        for name in names where name.hasSuffix(".so") {
          let path = place.path + "/" + name
          if place.needsPrefix, !name.hasPrefix("libpons-") { continue }
          if HostFile.isFile(path) { add(path) }
        }
        if place.needsPrefix { continue }
        // Programs: in the folder itself, or each in a folder of its own.
        for folder in [place.path] + names.map({ place.path + "/" + $0 }) {
          let path = folder + "/" + ProgramDocument.fileName
          if HostFile.isFile(path) { add(path) }
        }
      } else if place.isNamed {
        problems.append(
          PluginProblem(
            path: place.path, code: "NOT_FOUND", "there is no such file or folder to read"))
      }
    }
    return (files, problems)
  }
}

/// The program in whose process plugins are opened first.
public enum WorkerProgram {
  /// Path of `pons-worker`: beside the running program, or where an installation puts it.
  ///
  /// - Parameter executable: the running program; nil asks the system.
  public static func find(executable: String? = nil) -> String {
    let folder = (executable ?? HostFile.executable).map(HostFile.folder(of:)) ?? "."
    let candidates = [
      folder + "/pons-worker", HostFile.folder(of: folder) + "/lib/pons/pons-worker",
    ]
    return candidates.first(where: HostFile.isFile) ?? candidates[0]
  }
}
