internal import PonsKit
internal import PonsWeights

/// Brings in a model that an earlier run wrote.
///
/// The file is checked against the digest in it; nothing in it is run.
struct ModelRead: Stage {
  static let model = Output<ModelKind>("model", .one, "as it was written")

  struct Parameters: StageParameters {
    var path: String

    static let schema = [
      ParameterDescriptor(
        "path", .path, "a file that model.write made, model.safetensors", isRequired: true)
    ]
  }

  static let descriptor = StageDescriptor(
    id: "model.read", version: "1", summary: "reads a trained model from a file", ports: [model],
    parameters: Parameters.schema, concurrency: .parallel, takesAnyThreads: true,
    parsesForeignBytes: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    let (weights, metadata) = try ModelFile.read(parameters.path)
    let requests = weights.tensors.map { TensorRequest($0.name, $0.type, $0.shape) }
    try context.send(Self.model, tensors: requests, metadata: metadata) { draft in
      for tensor in weights.tensors {
        try tensor.withBytes { try draft.bytes(tensor.name).copyMemory(from: $0) }
      }
    }
  }
}
