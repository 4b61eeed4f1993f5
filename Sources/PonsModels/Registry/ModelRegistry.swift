internal import Glibc
internal import PonsKit
internal import PonsWeights

/// The models that Pons knows, and those that a site has added.
public struct ModelRegistry: Sendable {
  /// In the order of the files, the site's last.
  public let models: [RegisteredModel]

  /// Reads registry files; a later one may add models and change none.
  ///
  /// - Throws: ``ModelError`` that names the file.
  public init(files: [String]) throws(ModelError) {
    var models: [RegisteredModel] = []
    for file in files {
      for model in try Self.read(file) {
        if models.contains(where: { $0.name == model.name }) {
          throw ModelError("\(file): the model '\(model.name)' is registered twice")
        }
        models.append(model)
      }
    }
    self.models = models
  }

  /// The model with a name.
  ///
  /// - Throws: ``ModelError`` that lists the names.
  public func model(_ name: String) throws(ModelError) -> RegisteredModel {
    guard let model = models.first(where: { $0.name == name }) else {
      throw ModelError(
        "there is no model '\(name)' in the registry",
        hint: "the models are: \(models.map(\.name).joined(separator: ", "))")
    }
    return model
  }

  /// The registry that comes with the running program: in its installation, or in the folder that it was built in.
  ///
  /// - Throws: ``ModelError`` when there is none.
  public static func shippedFile() throws(ModelError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    let program = String(
      decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var folder = Paths.parent(program)
    var candidates = [Paths.parent(folder) + "/share/pons/models/registry.json"]
    // A build has the program some folders below the root of the package.
    for _ in 0..<5 {
      folder = Paths.parent(folder)
      if access(folder + "/Package.swift", R_OK) == 0 {
        candidates.append(folder + "/models/registry.json")
      }
    }
    guard let file = candidates.first(where: { access($0, R_OK) == 0 }) else {
      throw ModelError(
        "the list of models that comes with Pons is missing: \(candidates[0])",
        hint: "install Pons again, or name the weights by path")
    }
    return file
  }

  private static func read(_ file: String) throws(ModelError) -> [RegisteredModel] {
    let json: JSON
    do {
      json = try JSON(parsing: WeightMemory.mapping(file).withBytes { Array($0.prefix(16 << 20)) })
    } catch let error as JSONError {
      throw ModelError("\(file): \(error)")
    } catch let error as WeightError {
      throw ModelError("\(error)")
    } catch {
      throw ModelError("\(file): \(error)")
    }
    let root = try RegistryReader(json, file)
    guard root.value("pons-models") == 1 else {
      throw root.error("expected \"pons-models\": 1, the version of the format")
    }
    try root.expectOnly(["pons-models", "models"])
    var models: [RegisteredModel] = []
    for entry in try root.objects("models") {
      models.append(try RegisteredModel(entry, in: Paths.parent(file)))
    }
    return models
  }
}
