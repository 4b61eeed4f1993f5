internal import PonsFetch
internal import PonsKit
internal import PonsManifest
internal import PonsModels
internal import Synchronization

extension CommandDefinition {
  static let models: CommandDefinition = .init(
    group: "models", "Lists, fetches and checks the weights of foundation models",
    discussion: """
      Models are kept in PONS_MODELS, by default in the user's data folder. Their digests are \
      compared every time that they are loaded. Digests that the registry does not know are \
      recorded when a model arrives for the first time, and trusted from then on. A site adds models \
      of its own in registry.json there, in the form of the registry that comes with Pons.
      """,
    commands: [
      .listModels, .showModel, .fetchModel, .importModel, .verifyModels, .bundleModels,
    ])

  private static let listModels = CommandDefinition(
    "list", "Lists all models, and which are on this machine", options: [.json, .color]
  ) { invocation, context in
    let store = try ModelStore(environment: context.environment)
    let listing = ModelListing(store: store, style: context.console.outStyle)
    if invocation.has("json") {
      context.console.print(JSON.array(store.registry.models.map(listing.json)).canonical)
    } else {
      context.console.out.write(listing.list())
    }
    return .success
  }

  private static let showModel = CommandDefinition(
    "info", "Shows licence, source, files and preprocessing of a model",
    operands: [.model], options: [.json, .color],
    examples: [.init("pons models info lite-medsam", "See what a model expects")]
  ) { invocation, context in
    let store = try ModelStore(environment: context.environment)
    let listing = ModelListing(store: store, style: context.console.outStyle)
    let model = try store.known(invocation.operands.first ?? "")
    if invocation.has("json") {
      context.console.print(listing.json(model).canonical)
    } else {
      context.console.out.write(listing.details(model))
    }
    return .success
  }

  private static let fetchModel = CommandDefinition(
    "fetch", "Downloads a model from where the registry says it is",
    discussion: """
      A download that was interrupted goes on where it stopped when the command is run again. A file \
      that is not what the registry says is thrown away.
      """,
    operands: [.model], options: [.color],
    examples: [.init("pons models fetch lite-medsam", "Get a small SAM for medical images")]
  ) { invocation, context in
    let store = try ModelStore(environment: context.environment)
    let model = try store.known(invocation.operands.first ?? "")
    let line = TransferLine(context.console)
    let isStopped = Flag()
    context.services.interruption({ isStopped.raise() }, {})
    context.console.note("Fetching \(model.name) from \(model.source.text)")
    do {
      defer { line.clear() }
      try ModelFetcher(store) { progress in
        line.show(progress.file, done: progress.done, total: progress.total)
        return !isStopped.isRaised
      }.fetch(model.name)
    } catch let error as ModelError where isStopped.isRaised {
      _ = context.console.report(error)
      return .interrupted
    }
    context.console.show(stored: model, in: store)
    return .success
  }

  private static let importModel = CommandDefinition(
    "import", "Takes a model from a file or folder, or all models of a bundle",
    operands: [
      OperandDefinition("NAME", .text, "Name of the model; left out for a bundle"),
      OperandDefinition("PATH", .file, "Its file, or the folder with its files", isOptional: true),
    ], options: [.color],
    examples: [
      .init(
        "pons models import facebook/sam-vit-base downloads/sam", "Take a folder of Hugging Face"),
      .init("pons models import models.pons", "Take what \"pons models bundle\" has packed"),
    ]
  ) { invocation, context in
    let store = try ModelStore(environment: context.environment)
    let first = invocation.operands.first ?? ""
    let line = TransferLine(context.console)
    if invocation.operands.count == 2 {
      let model = try store.known(first)
      let path = invocation.operands[1]
      guard FilePaths.exists(path) else {
        throw CommandFailure("there is no \(path.printable)", exitCode: .usage)
      }
      do {
        defer { line.clear() }
        try store.importModel(model.name, from: path) { line.add(model.name, $0) }
      }
      context.console.show(stored: model, in: store)
      return .success
    }
    guard FilePaths.isFile(first), ModelStore.isBundle(first) else {
      throw CommandFailure(
        "\(first.printable) is no bundle of models",
        hint: "for a model say: pons models import NAME PATH", exitCode: .usage)
    }
    let names: [String]
    do {
      defer { line.clear() }
      names = try store.importBundle(first) { line.add(first, $0) }
    }
    for name in names { context.console.show(stored: try store.known(name), in: store) }
    return .success
  }

  private static let verifyModels = CommandDefinition(
    "verify", "Compares the files of one model, or of all, with their digests",
    operands: [.init("NAME", .text, "Name of a model", isOptional: true)], options: [.color]
  ) { invocation, context in
    let store = try ModelStore(environment: context.environment)
    let names =
      try invocation.operands.first.map { [try store.known($0).name] }
      ?? store.registry.models.map(\.name).filter(store.holds)
    if names.isEmpty { context.console.note("There are no models on this machine") }
    let line = TransferLine(context.console)
    var code = ExitCode.success
    for name in names {
      do {
        defer { line.clear() }
        let model = try store.locate(name) { line.add(name, $0) }
        line.clear()
        context.console.print("\(name): unchanged, SHA-256 of all files \(model.digest)")
      } catch {
        line.clear()
        code = context.console.report(error)
      }
    }
    return code
  }

  private static let bundleModels = CommandDefinition(
    "bundle", "Packs models into one file, for a machine without a network",
    operands: [OperandDefinition("NAME", .text, "Name of a model", isRepeatable: true)],
    options: [
      OptionDefinition("output", short: "o", .file("FILE"), "The file to write"), .color,
    ],
    examples: [
      .init("pons models bundle lite-medsam -o models.pons", "Pack a model to carry it elsewhere")
    ]
  ) { invocation, context in
    let store = try ModelStore(environment: context.environment)
    guard let output = invocation.value("output") else {
      throw UsageError("bundle needs --output FILE", path: invocation.path)
    }
    let names = try invocation.operands.map { try store.known($0).name }
    let line = TransferLine(context.console)
    do {
      defer { line.clear() }
      try store.bundle(names, to: output) { line.add(output, $0) }
    }
    context.console.note(
      "Packed \(names.count.counted("model")) into \(output.printable); "
        + "elsewhere: pons models import \(output.printable)")
    return .success
  }
}

extension OperandDefinition {
  static let model = OperandDefinition("NAME", .text, "Name of a model, like lite-medsam")
}

extension ModelStore {
  /// The model with a name that somebody typed.
  fileprivate func known(_ name: String) throws(CommandFailure) -> RegisteredModel {
    if let model = registry.models.first(where: { $0.name == name }) { return model }
    let nearest = Suggestion.nearest(to: name, among: registry.models.map(\.name))
    throw CommandFailure(
      "there is no model \"\(name.printable)\" in the registry",
      hint: nearest.map { "did you mean \"\($0)\"?" } ?? "\"pons models list\" shows all models",
      exitCode: .usage)
  }
}

extension Console {
  fileprivate func note(_ text: String) { error.write(errorStyle.dim(text) + "\n") }

  /// Says that a model is there, and what of it nobody could check.
  fileprivate func show(stored model: RegisteredModel, in store: ModelStore) {
    note("\(model.name) is in \(store.folder(model.name).printable)")
    let trusted = model.unverifiableFiles
    if !trusted.isEmpty {
      note(
        "No registry knows the whole digest of \(trusted.joined(separator: ", ")): what arrived is "
          + "trusted, recorded, and compared on every load from now on")
    }
  }
}

/// Set by one thread and seen by another.
private final class Flag: Sendable {
  private let value = Atomic<Bool>(false)
  func raise() { value.store(true, ordering: .relaxed) }
  var isRaised: Bool { value.load(ordering: .relaxed) }
}
