internal import CYAML

/// Reads one YAML document into nodes, through libyaml's events.
///
/// Refused: anchors, aliases and tags (an alias can make a small file stand for a huge one, and nothing in a manifest
/// needs them), more than one document, and nesting deeper than ``maximumDepth``.
final class YAMLReader {
  /// How deep lists and mappings may be nested in each other.
  static let maximumDepth = 64

  /// The most keys, values and list elements a file may have.
  static let maximumNodes = 100_000

  private var nodeCount = 0
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: YAMLText
  private let file: String
  private(set) var duplicates: [Diagnostic] = []

  /// Reads a text; keys that occur twice are reported and left out, other errors end the reading.
  ///
  /// - Returns: nil when the text cannot be used; `findings` says why.
  static func read(_ bytes: [UInt8], file: String, findings: inout Findings) -> YAMLNode? {
    do {
      let reader = YAMLReader(text: try YAMLText(bytes, file: file), file: file)
      let node = try reader.document()
      findings.add(reader.duplicates)
      return node
    } catch {
      findings.add(error)
      return nil
    }
  }

  private init(text: YAMLText, file: String) {
    self.text = text
    self.file = file
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deinitialize(count: 1)
    parser.deallocate()
  }

  private func document() throws(Diagnostic) -> YAMLNode {
    let outcome: Result<YAMLNode, Diagnostic> = text.bytes.withUnsafeBufferPointer { buffer in
      guard yaml_parser_initialize(parser) == 1 else {
        return .failure(Diagnostic(place(yaml_mark_t()), "no memory to read the file"))
      }
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
      do throws(Diagnostic) { return .success(try stream()) } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  private func stream() throws(Diagnostic) -> YAMLNode {
    try expect(YAML_STREAM_START_EVENT)
    var event = try next()
    if event.type == YAML_STREAM_END_EVENT {
      throw Diagnostic(
        SourceLocation(file: file, line: 1, column: 1), "the file is empty",
        hint: "a manifest begins with 'pons: 1'")
    }
    event = try next()
    let node = try self.node(event, depth: 1)
    try expect(YAML_DOCUMENT_END_EVENT)
    let last = try next()
    if last.type != YAML_STREAM_END_EVENT {
      throw Diagnostic(
        last.location, "a second document begins here; a manifest is one document",
        hint: "put each manifest in a file of its own")
    }
    return node
  }

  private func expect(_ type: yaml_event_type_t) throws(Diagnostic) {
    let event = try next()
    if event.type != type { throw Diagnostic(event.location, "the text does not end as expected") }
  }

  private func node(_ event: Event, depth: Int) throws(Diagnostic) -> YAMLNode {
    nodeCount += 1
    if nodeCount > Self.maximumNodes {
      throw Diagnostic(
        event.location, "the file has more than \(Self.maximumNodes) values",
        hint: "is this really a manifest?")
    }
    switch event.type {
    case YAML_SCALAR_EVENT:
      return YAMLNode(
        content: .scalar(event.value, event.isPlain ? .plain : .quoted), location: event.location)
    case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
      if depth > Self.maximumDepth {
        throw Diagnostic(
          event.location, "lists and mappings are nested deeper than \(Self.maximumDepth) levels")
      }
      return event.type == YAML_SEQUENCE_START_EVENT
        ? try sequence(event, depth: depth) : try mapping(event, depth: depth)
    default:
      throw Diagnostic(event.location, "expected a value")
    }
  }

  private func sequence(_ start: Event, depth: Int) throws(Diagnostic) -> YAMLNode {
    var elements: [YAMLNode] = []
    while true {
      let event = try next()
      if event.type == YAML_SEQUENCE_END_EVENT {
        return YAMLNode(content: .sequence(elements), location: start.location)
      }
      elements.append(try node(event, depth: depth + 1))
    }
  }

  private func mapping(_ start: Event, depth: Int) throws(Diagnostic) -> YAMLNode {
    var entries: [YAMLEntry] = []
    var first: [String: SourceLocation] = [:]
    while true {
      let event = try next()
      if event.type == YAML_MAPPING_END_EVENT {
        return YAMLNode(content: .mapping(entries), location: start.location)
      }
      guard event.type == YAML_SCALAR_EVENT else {
        throw Diagnostic(event.location, "a key must be a name, not a list or a mapping")
      }
      let value = try node(try next(), depth: depth + 1)
      if let earlier = first[event.value] {
        duplicates.append(
          Diagnostic(
            event.location,
            "the key '\(YAMLNode.shortened(event.value))' occurs twice; the first is at line \(earlier.line)",
            hint: "remove one of them"))
        continue
      }
      first[event.value] = event.location
      entries.append(
        YAMLEntry(key: event.value, keyLocation: event.location, value: value))
    }
  }

  /// The parts of a libyaml event that are needed, copied.
  private struct Event {
    var type: yaml_event_type_t
    var location: SourceLocation
    var value = ""
    var isPlain = false
  }

  private func next() throws(Diagnostic) -> Event {
    var raw = yaml_event_t()
    guard yaml_parser_parse(parser, &raw) == 1 else {
      throw YAMLProblem.diagnostic(parser.pointee, place: place)
    }
    defer { yaml_event_delete(&raw) }
    var event = Event(type: raw.type, location: place(raw.start_mark))
    var hasAnchor = false
    var hasTag = false
    switch raw.type {
    case YAML_ALIAS_EVENT:
      throw Diagnostic(
        event.location, "an alias (*name) is not allowed in a manifest", hint: "repeat the value")
    case YAML_SCALAR_EVENT:
      let scalar = raw.data.scalar
      hasAnchor = scalar.anchor != nil
      hasTag = scalar.tag != nil
      if let start = scalar.value {
        let bytes = UnsafeBufferPointer(start: start, count: scalar.length)
        event.value = text.restore(String(decoding: bytes, as: UTF8.self))
      }
      event.isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
    case YAML_SEQUENCE_START_EVENT:
      hasAnchor = raw.data.sequence_start.anchor != nil
      hasTag = raw.data.sequence_start.tag != nil
    case YAML_MAPPING_START_EVENT:
      hasAnchor = raw.data.mapping_start.anchor != nil
      hasTag = raw.data.mapping_start.tag != nil
    default: break
    }
    if hasAnchor {
      throw Diagnostic(
        event.location, "an anchor (&name) is not allowed in a manifest",
        hint: "repeat the value where it is needed; quote texts that begin with '&'")
    }
    if hasTag {
      throw Diagnostic(
        event.location, "a tag (!name) is not allowed in a manifest",
        hint: "types come from the stage; quote texts that begin with '!'")
    }
    return event
  }

  private func place(_ mark: yaml_mark_t) -> SourceLocation {
    SourceLocation(file: file, line: mark.line + 1, column: mark.column + 1)
  }
}
