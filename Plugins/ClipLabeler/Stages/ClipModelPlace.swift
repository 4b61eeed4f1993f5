internal import PonsKit
internal import PonsModels
internal import PonsWeights

/// Where the model is that the parameters name: in a folder, or in the store.
struct ClipModelPlace {
  private let folder: String
  private let parameter: String
  /// SHA-256 of the model's files, when it comes from the store; the content of a folder is known to the host.
  let digest: String?

  /// - Throws: `StageFailure` of category `badParameter`: with the command that fetches the model when it is not there.
  init(_ parameters: ClipLabelParameters) throws {
    if let folder = parameters.folder {
      (self.folder, digest) = (folder, nil)
    } else {
      (folder, digest) = try Self.stored(parameters.model)
    }
    parameter = parameters.folder == nil ? "model" : "folder"
  }

  private static func stored(_ name: String) throws -> (folder: String, digest: String) {
    do throws(ModelError) {
      let model = try ModelStore().locate(name)
      if model.registered.architecture != "clip" {
        throw ModelError("it is a model of the kind '\(model.registered.architecture)', not clip")
      }
      return (model.folder, model.digest)
    } catch {
      throw StageFailure(
        .badParameter, code: "NO_MODEL", "model '\(name)': \(error.message)", hint: error.hint,
        parameter: "model")
    }
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
