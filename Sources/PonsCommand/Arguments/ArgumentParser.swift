internal import PonsManifest

/// Reads a command line by a tree of commands.
///
/// Long options take their value after `=` or as the next word, short ones also glued on (`-j4`).
/// Options and operands may be mixed; after `--` everything is an operand.
package struct ArgumentParser {
  private var remaining: ArraySlice<String>
  private var path: [String]
  private var command: CommandDefinition
  private var operands = [String]()
  private var values = [String: [String]]()
  private var onlyOperands = false

  private init(_ arguments: [String], root: CommandDefinition) {
    remaining = arguments[...]
    path = [root.name]
    command = root
  }

  /// Reads the words after the name of the program. `--help` anywhere gives an invocation that has the
  /// option `help`; nothing else is checked then.
  package static func parse(
    _ arguments: [String], root: CommandDefinition
  ) throws(UsageError) -> Invocation {
    var parser = ArgumentParser(arguments, root: root)
    return try parser.run()
  }

  private mutating func run() throws(UsageError) -> Invocation {
    while let word = remaining.popFirst() {
      if onlyOperands || !word.hasPrefix("-") || word == "-" {
        try take(operand: word)
      } else if word == "--" {
        onlyOperands = true
      } else if word.hasPrefix("--") {
        try take(longOption: word.dropFirst(2))
      } else {
        try take(shortOption: word.dropFirst())
      }
    }
    if values["help"] == nil { try checkOperands() }
    return Invocation(path: path, command: command, operands: operands, values: values)
  }

  private mutating func take(operand word: String) throws(UsageError) {
    guard !command.commands.isEmpty else {
      operands.append(word)
      return
    }
    // Groups are called by the plural; the singular is as clear.
    guard let next = command.command(word) ?? command.command(word + "s") else {
      let names = command.commands.map(\.name)
      let nearest = Suggestion.nearest(to: word, among: names)
      throw failure(
        "unknown command \"\(word)\"",
        hint: nearest.map { "did you mean \"\($0)\"?" }
          ?? "commands: \(names.joined(separator: ", "))")
    }
    path.append(next.name)
    command = next
  }

  private mutating func take(longOption text: Substring) throws(UsageError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts.first ?? "")
    guard let option = command.options.first(where: { $0.name == name }) else {
      let nearest = Suggestion.nearest(to: name, among: command.visibleOptions.map(\.name))
      throw failure(
        "unknown option --\(name)",
        hint: nearest.map { "did you mean --\($0)?" }
          ?? "\"\(path.joined(separator: " ")) --help\" lists the options")
    }
    try take(option, attached: parts.count > 1 ? String(parts[1]) : nil)
  }

  private mutating func take(shortOption text: Substring) throws(UsageError) {
    guard let letter = text.first,
      let option = command.options.first(where: { $0.short == letter })
    else {
      throw failure(
        "unknown option -\(text.prefix(1))",
        hint: "\"\(path.joined(separator: " ")) --help\" lists the options")
    }
    let rest = text.dropFirst()
    let value = rest.first == "=" ? rest.dropFirst() : rest
    try take(option, attached: rest.isEmpty ? nil : String(value))
  }

  private mutating func take(
    _ option: OptionDefinition, attached: String?
  ) throws(UsageError) {
    guard option.value != .none else {
      if let attached {
        throw failure("--\(option.name) takes no value, but got \"\(attached)\"")
      }
      values[option.name, default: []].append("")
      return
    }
    var value = attached
    if value == nil, let next = remaining.first, next == "-" || next == "--" || !isOption(next) {
      value = next == "--" ? nil : remaining.popFirst()
    }
    guard let value else {
      throw failure(
        "--\(option.name) needs a value", hint: "write it as \(option.spelling)")
    }
    try check(value, of: option)
    values[option.name, default: []].append(value)
  }

  /// A word that begins with a dash is an option, unless it is a negative number.
  private func isOption(_ word: String) -> Bool { word.hasPrefix("-") && Double(word) == nil }

  private func check(_ value: String, of option: OptionDefinition) throws(UsageError) {
    switch option.value {
    case .none, .text: break
    case .file, .folder:
      if value.isEmpty { throw failure("--\(option.name) needs a path, but got an empty text") }
    case .integer(_, let range):
      guard let number = Int(value), range.contains(number) else {
        let expected =
          range.upperBound == .max
          ? "of at least \(range.lowerBound)"
          : "from \(range.lowerBound) to \(range.upperBound)"
        throw failure("--\(option.name) takes a whole number \(expected), but got \"\(value)\"")
      }
    case .bytes:
      guard ByteCount(value) != nil else {
        throw failure(
          "--\(option.name) takes an amount of memory, but got \"\(value)\"",
          hint: "write it like 512M or 2G")
      }
    case .choice(let words):
      guard words.contains(value) else {
        let nearest = Suggestion.nearest(to: value, among: words)
        throw failure(
          "--\(option.name) takes \(words.joined(separator: ", ")), but got \"\(value)\"",
          hint: nearest.map { "did you mean \"\($0)\"?" } ?? "")
      }
    }
  }

  private func checkOperands() throws(UsageError) {
    let line = path.joined(separator: " ")
    let required = command.operands.filter { !$0.isOptional }
    if operands.count < required.count {
      let missing = required[operands.count]
      throw failure(
        "\(line) needs \(missing.name): \(missing.summary.lowercasedFirst)",
        hint: "usage: \(Synopsis.line(path: path, command: command))")
    }
    let isOpen = command.operands.contains(where: \.isRepeatable)
    if operands.count > command.operands.count, !isOpen {
      throw failure(
        "\(line) does not expect \"\(operands[command.operands.count])\"",
        hint: "usage: \(Synopsis.line(path: path, command: command))")
    }
    for (operand, value) in zip(command.operands, operands) {
      guard case .choice(let words) = operand.content, !words.contains(value) else { continue }
      throw failure(
        "\(operand.name) is one of \(words.joined(separator: ", ")), but got \"\(value)\"")
    }
  }

  private func failure(_ message: String, hint: String = "") -> UsageError {
    UsageError(message, hint: hint, path: path)
  }
}
