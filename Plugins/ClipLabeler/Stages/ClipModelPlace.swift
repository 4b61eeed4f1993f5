internal import PonsKit
internal import PonsModels
internal import PonsWeights

/// Where the model is that the parameters name: in a folder, among those that come with Pons, or in the store.
struct ClipModelPlace {
  private let folder: String
  private let parameter: String

  /// - Throws: `StageFailure` of category `badParameter`: with the command that fetches the model when it is not there.
  init(_ parameters: ClipLabelParameters) throws {
    folder = try parameters.folder ?? Self.folder(of: parameters.model)
    parameter = parameters.folder == nil ? "model" : "folder"
  }

  private static func folder(of name: String) throws -> String {
    do throws(ModelError) {
      if let folder = try shippedFolder(of: name) { return folder }
      let model = try ModelStore().locate(name)
      if model.registered.architecture != "clip" {
        throw ModelError("it is a model of the kind '\(model.registered.architecture)', not clip")
      }
      return model.folder
    } catch {
      throw StageFailure(
        .badParameter, code: "NO_MODEL", "model '\(name)': \(error.message)", hint: error.hint,
        parameter: "model")
    }
  }

  /// The folder of a model that comes with Pons, beside the registry; nil when there is none of this name.
  private static func shippedFolder(of name: String) throws(ModelError) -> String? {
    if name.isEmpty || name.hasPrefix(".") || name.utf8.contains(UInt8(ascii: "/")) { return nil }
    let registry = try ModelRegistry.shippedFile()
    guard let slash = registry.lastIndex(of: "/") else { return nil }
    let folder = registry[..<slash] + "/" + name
    return (try? ModelFolder(path: folder))?.config == nil ? nil : folder
  }

  /// Loads it.
  func load() throws -> ClipClassifier {
    do {
      return try ClipClassifier(folder: ModelFolder(path: folder))
    } catch let error as WeightError {
      // Without the path, which is nobody's business in a log.
      let file = error.file.split(separator: "/").last.map(String.init) ?? error.file
      throw StageFailure(
        .badParameter, code: "BAD_MODEL", "\(file): \(error.message)", hint: error.hint,
        parameter: parameter)
    }
  }
}
