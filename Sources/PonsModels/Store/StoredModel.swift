public import PonsWeights

/// A model that is there, and whose files are those that were stored.
public struct StoredModel: Sendable {
  /// What the registry says, with the preprocessing.
  public let registered: RegisteredModel
  /// The folder with its files.
  public let folder: String
  /// Paths of its files by name.
  public let files: [String: String]
  /// SHA-256 of all files together, for keys of results.
  public let digest: String

  /// Maps the weights.
  ///
  /// - Throws: `WeightError`.
  public func weights() throws(WeightError) -> WeightFile {
    try ModelFolder(path: folder).weights()
  }
}
