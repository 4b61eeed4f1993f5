internal import PonsKit
internal import PonsModels
internal import PonsWeights

/// Where the model is that the parameters name: in a folder, or in the store.
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
