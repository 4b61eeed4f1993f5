internal import Glibc
internal import PonsKit
internal import PonsWeights

/// A model packet in a file: safetensors, with the packet's metadata as JSON under `pons.model`.
enum ModelFile {
  /// Key of the metadata in the header, and of the version of the format.
  static let key = "pons.model"
  static let formatKey = "pons.format"
  static let format = "model 1"

  /// Maps a file.
  ///
  /// - Returns: the weights, and the metadata of the packet.
  /// - Throws: `StageFailure` of category `badInput`: NOT_FOUND, BAD_MODEL. The file is named without its folder.
  static func read(_ path: String) throws -> (weights: WeightFile, metadata: [String: JSON]) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var status = stat()
    if stat(path, &status) != 0 {
      throw StageFailure(
        .badInput, code: "NOT_FOUND", "'\(name)' cannot be found",
        hint: "name a file that model.write made, model.safetensors", parameter: "path")
    }
    let file: WeightFile
    do throws(WeightError) {
      file = try WeightFile(memory: try .mapping(path), path: name)
    } catch {
      throw bad(name, "cannot be read: \(error.message)")
    }
    if file.format != .safetensors {
      throw bad(name, "holds PyTorch weights, which do not say what they were trained on")
    }
    guard file.metadata[formatKey]?.string == format,
      let metadata = file.metadata[key]?.string.flatMap({ try? JSON(parsing: $0) })?.object
    else { throw bad(name, "holds weights without a description: model.write did not make it") }
    guard metadata["architecture"]?.string?.isEmpty == false else {
      throw bad(name, "names no architecture")
    }
    let found = try ModelDigest.of(file)
    guard let digest = metadata["digest"]?.string, digest == found else {
      throw bad(name, "is damaged: its weights are not those that it names")
    }
    return (file, metadata)
  }

  private static func bad(_ name: String, _ what: String) -> StageFailure {
    StageFailure(
      .badInput, code: "BAD_MODEL", "'\(name)' \(what)",
      hint: "name a file that model.write made, model.safetensors", parameter: "path")
  }
}
