package import PonsKit

/// A table of texts: CSV as RFC 4180 has it, in UTF-8. A byte order mark, line ends of every kind and spaces around fields
/// are fine; what is ambiguous is an error that names the line.
package struct CSVTable: Sendable {
  package struct Row: Sendable {
    /// Where it begins, from 1.
    package var line: Int
    package var fields: [String]
  }

  /// Names of the columns.
  package let columns: [String]
  /// All with as many fields as there are columns.
  package let rows: [Row]

  /// Reads a file.
  ///
  /// - Parameter parameter: which names the file.
  /// - Throws: `StageFailure` of category `badParameter`.
  package init(path: String, parameter: String = "table") throws {
    let bytes = try ParameterFile.read(path, parameter: parameter)
    do {
      try self.init(bytes)
    } catch var failure as StageFailure {
      failure.parameter = parameter
      throw failure
    }
  }

  /// Parses the bytes of a file.
  package init(_ bytes: [UInt8]) throws {
    var parser = Parser(bytes)
    var rows = try parser.rows()
    guard let header = rows.first else {
      throw Self.failure(1, "is empty", hint: "the first line names the columns")
    }
    rows.removeFirst()
    columns = header.fields
    for row in rows where row.fields.count != header.fields.count {
      throw Self.failure(
        row.line,
        "has \(row.fields.count) field\(row.fields.count == 1 ? "" : "s"), the first line has"
          + " \(header.fields.count)",
        hint: "fields with a comma are written in quotes")
    }
    if rows.isEmpty { throw Self.failure(header.line, "names the columns, and no line follows") }
    self.rows = rows
  }

  /// The index of a column.
  package func column(_ name: String, parameter: String) throws -> Int {
    let found = columns.indices.filter { columns[$0] == name }
    if found.count == 1 { return found[0] }
    let text = columns.joined()
    let other = text.contains(";") ? ";" : text.contains("\t") ? "tabulator" : nil
    let hint =
      other.map { "fields are separated by commas, and the first line has \($0)" }
      ?? "the first line names the columns; the parameter '\(parameter)' says which one to take"
    throw StageFailure(
      .badParameter, code: "BAD_TABLE",
      found.isEmpty
        ? "none of the \(columns.count) columns of the table is called '\(name)'"
        : "\(found.count) columns of the table are called '\(name)'", hint: hint,
      parameter: parameter)
  }

  /// What is wrong with a line; its content may tell who a patient is and is not shown.
  package static func failure(
    _ line: Int, _ what: String, hint: String = "", parameter: String = "table"
  ) -> StageFailure {
    StageFailure(
      .badParameter, code: "BAD_TABLE", "line \(line) of the table \(what)", hint: hint,
      parameter: parameter)
  }

  private struct Parser {
    private let bytes: [UInt8]
    private var position: Int
    private var line = 1

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      position = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")

    private var isAtLineEnd: Bool {
      position >= bytes.count || bytes[position] == 0x0a || bytes[position] == 0x0d
    }

    mutating func rows() throws -> [Row] {
      var rows: [Row] = []
      while position < bytes.count {
        let start = line
        var fields = [try field()]
        while position < bytes.count, bytes[position] == Self.comma {
          position += 1
          fields.append(try field())
        }
        endLine()
        if fields != [""] { rows.append(Row(line: start, fields: fields)) }
      }
      return rows
    }

    private mutating func endLine() {
      guard position < bytes.count else { return }
      if bytes[position] == 0x0d, position + 1 < bytes.count, bytes[position + 1] == 0x0a {
        position += 1
      }
      position += 1
      line += 1
    }

    private mutating func skipSpaces() {
      while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 {
        position += 1
      }
    }

    private mutating func field() throws -> String {
      skipSpaces()
      if position < bytes.count, bytes[position] == Self.quote { return try quotedField() }
      let start = position
      while !isAtLineEnd, bytes[position] != Self.comma {
        if bytes[position] == Self.quote {
          throw CSVTable.failure(
            line, "has a quote inside a field",
            hint: "such a field is written in quotes, and its quotes twice")
        }
        position += 1
      }
      var end = position
      while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
      return try text(bytes[start..<end], line)
    }

    private mutating func quotedField() throws -> String {
      let start = line
      var content: [UInt8] = []
      position += 1
      while true {
        guard position < bytes.count else {
          throw CSVTable.failure(start, "begins a field in quotes that does not end")
        }
        let byte = bytes[position]
        position += 1
        if byte == Self.quote {
          guard position < bytes.count, bytes[position] == Self.quote else { break }
          position += 1
        }
        if byte == 0x0a { line += 1 }
        content.append(byte)
      }
      skipSpaces()
      if !isAtLineEnd, bytes[position] != Self.comma {
        throw CSVTable.failure(
          line, "goes on behind a closing quote", hint: "a comma or the end of the line must follow"
        )
      }
      return try text(content[...], start)
    }

    private func text(_ bytes: ArraySlice<UInt8>, _ line: Int) throws -> String {
      guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
        throw CSVTable.failure(
          line, "is no text in UTF-8", hint: "save the table as 'CSV UTF-8'")
      }
      return text
    }
  }
}
