internal import PonsKit
internal import PonsWeights

/// Where the model is that the parameters name.
struct ClipModelPlace {
  private let folder: String

  init(_ parameters: ClipLabelParameters) throws {
    guard let folder = parameters.folder else {
      throw StageFailure(
        .badParameter, "no model is named", hint: "set 'model' or 'folder'", parameter: "model")
    }
    self.folder = folder
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
        parameter: "folder")
    }
  }
}
