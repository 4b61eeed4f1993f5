/// The parameters of a stage, as a Swift value and as the schema that manifests are checked against.
///
/// Names of properties (coding keys) are the names of the schema. Every parameter without a default and without
/// `isRequired` must be optional.
public protocol StageParameters: Decodable, Sendable {
  /// One descriptor a parameter.
  static var schema: [ParameterDescriptor] { get }
}

/// For stages that have nothing to set.
public struct NoParameters: StageParameters, Encodable {
  /// Empty.
  public static let schema: [ParameterDescriptor] = []
  /// The only value.
  public init() {}
}

extension StageParameters {
  /// Reads parameters from an object as a manifest gives it; what is missing gets its default.
  ///
  /// - Throws: ``StageFailure`` of category `badParameter` that names the parameter.
  public init(json: JSON) throws(StageFailure) {
    let filled = try ParameterSchema(Self.schema).filled(json)
    do {
      self = try JSONValueDecoder.decode(Self.self, from: .object(filled))
    } catch let failure as StageFailure {
      throw failure
    } catch {
      throw StageFailure(.badParameter, "the parameters do not fit: \(error)")
    }
  }
}
