internal import PonsKit

/// What the metadata of a model say about it, for masks that are made with it and for its card.
struct ModelFacts {
  let metadata: JSON

  init(_ metadata: JSON) { self.metadata = metadata }

  var architecture: String { metadata["architecture"]?.string ?? "unknown" }
  /// 64 hexadecimal digits, or empty.
  var digest: String { metadata["digest"]?.string ?? "" }
  var cases: Int64? { metadata["training"]?["cases"]?.integer }
  var synthetic: Int64 { metadata["training"]?["synthetic"]?.integer ?? 0 }

  /// What it was trained on, in words.
  var trainedOn: String {
    guard let cases else { return "nobody noted what it was trained on" }
    let noun = cases == 1 ? "case" : "cases"
    if synthetic == 0 { return "trained on \(cases) \(noun)" }
    if synthetic >= cases { return "trained on \(cases) \(noun), all synthetic" }
    return "trained on \(cases) \(noun), \(synthetic) of them synthetic"
  }

  /// `algorithm` in the metadata of a mask: name, version, and a note for those who look later.
  var algorithm: JSON {
    let weights = digest.isEmpty ? "" : "weights \(digest); "
    return [
      "name": .string(architecture),
      "version": .string(digest.isEmpty ? "unknown" : String(digest.prefix(16))),
      "note": .string("\(weights)\(trainedOn); research use only"),
    ]
  }
}
