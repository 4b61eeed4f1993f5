internal import Glibc
internal import PonsKit
internal import PonsManifest

/// What is kept with a run so that it can be explained without its manifest, and started again: the command line, the manifest's
/// files with their digests, the plugins, and where every value came from.
enum RunAccount {
  static func of(_ manifest: LoadedManifest, _ graph: Graph, _ invocation: Invocation) -> JSON {
    [
      "program": .string(ProgramVersion.text),
      "folder": .string(workingFolder),
      "command": [
        "operands": .array(invocation.operands.map(JSON.string)),
        "options": .object(invocation.values.mapValues { .array($0.map(JSON.string)) }),
      ],
      "files": .array(
        manifest.files.map { ["file": .string($0.path), "sha256": .string($0.digest)] }),
      "stages": .object(
        Dictionary(
          uniqueKeysWithValues: graph.stages.map { stage in
            (stage.name, account(of: stage, manifest))
          })),
    ]
  }

  private static func account(of stage: GraphStage, _ manifest: LoadedManifest) -> JSON {
    var members: [String: JSON] = [
      "parameters": .object(
        manifest.effective.origins(ofStage: stage.name).mapValues { value in
          var members: [String: JSON] = [:]
          if let origin = value.origin { members["origin"] = origin.json }
          if !value.through.isEmpty {
            members["through"] = .array(
              value.through.map {
                ["parameter": .string($0.name), "origin": $0.origin?.json ?? .null]
              })
          }
          return .object(members)
        })
    ]
    if let entry = manifest.catalogue.entry(stage.descriptor.id) {
      members["plugin"] = [
        "name": .string(entry.plugin), "version": .string(entry.version),
        "file": .string(entry.file.split(separator: "/").last.map(String.init) ?? ""),
      ]
    }
    if let origin = manifest.effective.origin(ofUseIn: stage.name) {
      members["use"] = origin.json
    }
    return .object(members)
  }

  private static var workingFolder: String {
    guard let path = getcwd(nil, 0) else { return "" }
    defer { free(path) }
    return String(cString: path)
  }
}

extension Origin {
  /// The origin as an object for machines.
  var json: JSON {
    var members: [String: JSON] = ["file": .string(location.file)]
    if location.line > 0 {
      members["line"] = .integer(Int64(location.line))
      members["column"] = .integer(Int64(location.column))
    }
    if let overlay { members["overlay"] = .string(overlay) }
    if let reason { members["reason"] = .string(reason) }
    if let by { members["by"] = .string(by) }
    return .object(members)
  }
}
