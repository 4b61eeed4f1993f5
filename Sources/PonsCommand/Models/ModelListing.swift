internal import PonsKit
internal import PonsModels

/// Models as text and as JSON.
struct ModelListing {
  let store: ModelStore
  let style: Style

  /// A line for each model.
  func list() -> String {
    let names = store.registry.models.map(\.name)
    let width = names.map(\.displayWidth).max() ?? 0
    var text = ""
    for model in store.registry.models {
      let state = store.holds(model.name) ? style.good("here   ") : style.dim("missing")
      text += "\(style.bold(model.name.fitted(to: width)))  \(state)  \(model.summary)"
      text += " " + style.dim("(\(model.licence))") + "\n"
    }
    return text + style.dim("Models are in \(store.root.printable)") + "\n"
  }

  /// All that is known of a model.
  func details(_ model: RegisteredModel) -> String {
    let steps = model.preprocessing
    var image =
      "\(steps.size) x \(steps.size), \(steps.resize.rawValue), \(steps.interpolation.rawValue)"
    image += ", \(steps.scaling.rawValue)"
    if !steps.mean.isEmpty { image += ", mean \(steps.mean), std \(steps.std)" }
    if steps.padding != .none { image += ", padding \(steps.padding.rawValue)" }
    let prompts = steps.prompts.map(\.rawValue).sorted()
    let rows = [
      ("network", model.architecture), ("licence", model.licence), ("cite", model.citation),
      ("source", model.source.text), ("image", image),
      ("prompts", prompts.isEmpty ? "none" : prompts.joined(separator: ", ")),
      ("stored", store.holds(model.name) ? store.folder(model.name).printable : "no"),
    ]
    var text = "\(style.bold(model.name))  \(model.summary)\n"
    for (label, value) in rows { text += "  \(style.dim(label.fitted(to: 8))) \(value)\n" }
    for file in model.files {
      let names = ([file.name] + file.alternatives).joined(separator: " or ")
      let size = file.size.map { ", \(ByteCount(bytes: $0))" } ?? ""
      text += "  \(style.dim("file    ")) \(names)\(size), \(Self.text(file.digest))\n"
    }
    return text
  }

  private static func text(_ digest: RegisteredModel.Digest) -> String {
    switch digest {
    case .known(let digest): "SHA-256 \(digest)"
    case .begins(let start): "SHA-256 begins with \(start), recorded on first import"
    case .unknown: "SHA-256 not known, recorded on first import"
    }
  }

  /// A model for machines.
  func json(_ model: RegisteredModel) -> JSON {
    let steps = model.preprocessing
    return [
      "name": .string(model.name), "summary": .string(model.summary),
      "architecture": .string(model.architecture), "licence": .string(model.licence),
      "citation": .string(model.citation), "source": .string(model.source.text),
      "stored": .bool(store.holds(model.name)), "folder": .string(store.folder(model.name)),
      "files": .array(model.files.map(Self.json)),
      "preprocessing": [
        "size": .integer(Int64(steps.size)), "resize": .string(steps.resize.rawValue),
        "interpolation": .string(steps.interpolation.rawValue),
        "scaling": .string(steps.scaling.rawValue), "padding": .string(steps.padding.rawValue),
        "mean": .array(steps.mean.map(JSON.number)), "std": .array(steps.std.map(JSON.number)),
        "prompts": .array(steps.prompts.map(\.rawValue).sorted().map(JSON.string)),
      ],
    ]
  }

  private static func json(_ file: RegisteredModel.File) -> JSON {
    let digest: JSON =
      switch file.digest {
      case .known(let digest): .string(digest)
      case .begins(let start): .string(start + "...")
      case .unknown: .null
      }
    return [
      "name": .string(file.name), "alternatives": .array(file.alternatives.map(JSON.string)),
      "size": file.size.map { .integer(Int64($0)) } ?? .null, "sha256": digest,
    ]
  }
}
