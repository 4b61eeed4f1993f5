internal import PonsKit
internal import PonsTorch

/// Writes a model to a file for later runs, with a card for people.
struct ModelWrite: Stage {
  static let model = Input<ModelKind>("model", .once, "a trained model")
  static let files = Output<FilesKind>("files", .one, "NAME.safetensors and NAME.md")

  struct Parameters: StageParameters {
    var name: String

    static let schema = [
      ParameterDescriptor(
        "name", .string, "of the files, without an ending: letters, digits, '-', '_' and '.'",
        defaultValue: "model")
    ]
  }

  static let descriptor = StageDescriptor(
    id: "model.write", version: "1", summary: "writes a trained model and its card",
    ports: [model, files], parameters: Parameters.schema, concurrency: .parallel,
    isTerminal: true, takesAnyThreads: true)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) throws {
    self.parameters = parameters
    let isPlain = parameters.name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || [0x2d, 0x5f, 0x2e].contains(byte)
    }
    if !isPlain || parameters.name.hasPrefix(".") || !(1...100).contains(parameters.name.utf8.count)
    {
      throw StageFailure(
        .badParameter,
        "'name' cannot be the name of a file: expected letters, digits, '-', '_', '.'",
        parameter: "name")
    }
  }

  func process(_ context: Context) throws {
    let packet = try context.input(Self.model)
    _ = try packet.architecture
    var metadata = try packet.metadata.object ?? [:]
    metadata["digest"] = .string(try ModelDigest.of(packet))
    var state = StateDict(source: "the model packet")
    for name in packet.tensorNames { state.set(name, try .borrowing(packet.tensor(name))) }
    let name = parameters.name
    let scratch = try context.scratch
    try withExtendedLifetime(packet) {
      try state.write(
        to: "\(scratch)/\(name).safetensors",
        metadata: [
          ModelFile.formatKey: ModelFile.format, ModelFile.key: JSON.object(metadata).canonical,
        ])
    }
    var card = ModelCard(facts: ModelFacts(.object(metadata)), name: name).text
    try card.withUTF8 { try context.writeFile("\(name).md", [UnsafeRawBufferPointer($0)]) }
    try context.sendFiles(
      Self.files, names: ["\(name).safetensors", "\(name).md"],
      metadata: ["digest": metadata["digest"] ?? .null])
  }
}
