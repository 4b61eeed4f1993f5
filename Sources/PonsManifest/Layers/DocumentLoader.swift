/// Reads the files of a request: the manifest with the chain of its bases, and the overlays.
struct DocumentLoader {
  /// How many overlays may be based on each other.
  static let maximumBases = 16

  let readFile: (String) throws -> [UInt8]
  var findings = Findings()
  /// Whether a file could not be read at all, so that checking the rest would report errors that are none.
  private(set) var isIncomplete = false
  /// The file to be run and its bases.
  private var chained: [String] = []

  init(readFile: @escaping (String) throws -> [UInt8]) { self.readFile = readFile }

  /// Reads the file to be run. When it is an overlay, its bases follow until a manifest is found.
  ///
  /// - Returns: the manifest, and the overlays in the order in which they apply.
  mutating func chain(_ file: String) -> (manifest: ManifestDocument?, overlays: [OverlayDocument])
  {
    var overlays: [OverlayDocument] = []
    var seen: [String] = []
    var next = file
    var namedAt = SourceLocation(file: file, line: 0, column: 0)
    while true {
      let normalised = Paths.normalised(next)
      if seen.contains(normalised) {
        let way = (seen + [normalised]).joined(separator: " -> ")
        findings.error(
          namedAt, "the bases form a loop: \(way)", hint: "one of them must be a manifest")
        isIncomplete = true
        return (nil, overlays)
      }
      if seen.count > Self.maximumBases {
        findings.error(namedAt, "more than \(Self.maximumBases) overlays are based on each other")
        isIncomplete = true
        return (nil, overlays)
      }
      seen.append(normalised)
      chained.append(next)
      guard let root = root(next, namedAt: namedAt) else { return (nil, overlays) }
      if !DocumentReader.isOverlay(root) {
        return (read(next) { $0.manifest(root, file: next) }, overlays)
      }
      let overlay = read(next) { $0.overlay(root, file: next) }
      overlays.insert(overlay, at: 0)
      guard let base = overlay.base else {
        findings.error(
          root.location, "this is an overlay without 'base', which cannot be run by itself",
          hint: "run the manifest with '--overlay', or add 'base: MANIFEST'")
        isIncomplete = true
        return (nil, overlays)
      }
      next = base.path
      namedAt = base.location
    }
  }

  /// The base that an overlay names.
  consuming func base(of file: String) throws(ManifestErrors) -> String? {
    guard let root = root(file, namedAt: SourceLocation(file: file, line: 0, column: 0)),
      DocumentReader.isOverlay(root)
    else {
      try findings.throwErrors()
      return nil
    }
    var reader = DocumentReader(file: file, findings: Findings())
    return reader.overlay(root, file: file).base?.path
  }

  /// Reads an overlay that was given beside the file to be run. It may be for that file, or for one that it is based on.
  mutating func overlay(_ file: String, changing run: String) -> OverlayDocument? {
    let here = SourceLocation(file: file, line: 0, column: 0)
    guard let root = root(file, namedAt: here) else { return nil }
    if !DocumentReader.isOverlay(root) {
      findings.error(
        root.location, "this is no overlay: it has no key 'overlay'",
        hint: "an overlay begins with 'pons: 1' and 'overlay: NAME'")
      isIncomplete = true
      return nil
    }
    let overlay = read(file) { $0.overlay(root, file: file) }
    if let base = overlay.base, !(chained + [run]).contains(where: { isSame(base.path, $0) }) {
      findings.error(
        base.location, "this overlay is for '\(base.path)', but '\(run)' is run",
        hint: "run its base, or remove 'base'")
    }
    return overlay
  }

  private mutating func read<Document>(
    _ file: String, _ body: (inout DocumentReader) -> Document
  ) -> Document {
    var reader = DocumentReader(file: file, findings: findings)
    let document = body(&reader)
    findings = reader.findings
    return document
  }

  /// Two names of one file, or of two files with the same content (one path may be absolute).
  private func isSame(_ left: String, _ right: String) -> Bool {
    if Paths.normalised(left) == Paths.normalised(right) { return true }
    guard let a = try? readFile(left), let b = try? readFile(right) else { return false }
    return a == b
  }

  private mutating func root(_ file: String, namedAt location: SourceLocation) -> YAMLNode? {
    findings.note(file: file)
    let bytes: [UInt8]
    do {
      bytes = try readFile(file)
    } catch {
      let message =
        location.line > 0
        ? "'\(file)' cannot be read: \(error)" : "the file cannot be read: \(error)"
      findings.error(location, message)
      isIncomplete = true
      return nil
    }
    let root = YAMLReader.read(bytes, file: file, findings: &findings)
    if root == nil { isIncomplete = true }
    return root
  }
}
