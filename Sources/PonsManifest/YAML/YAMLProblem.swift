internal import CYAML

/// libyaml's errors in words that somebody who has never read the YAML standard understands.
enum YAMLProblem {
  static func diagnostic(
    _ parser: yaml_parser_t, place: (yaml_mark_t) -> SourceLocation
  ) -> Diagnostic {
    let problem = parser.problem.map { String(cString: $0) } ?? "the text cannot be read"
    if parser.error == YAML_MEMORY_ERROR {
      return Diagnostic(place(parser.problem_mark), "no memory to read the file")
    }
    var (message, hint) = words(problem)
    if let context = parser.context.map({ String(cString: $0) }),
      parser.context_mark.line < parser.problem_mark.line,
      let what = beginning(context)
    {
      message += " (\(what) begins at line \(parser.context_mark.line + 1))"
    }
    if hint.isEmpty, problem.contains("could not find expected ':'") {
      hint = "write 'name: value'"
    }
    return Diagnostic(place(parser.problem_mark), message, hint: hint)
  }

  private static func beginning(_ context: String) -> String? {
    switch context {
    case "while parsing a flow mapping": "the mapping '{'"
    case "while parsing a flow sequence": "the list '['"
    case "while parsing a block mapping": "the mapping"
    case "while parsing a block collection": "the list"
    case "while scanning a quoted scalar": "the text in quotes"
    case "while scanning a simple key": "the line"
    default: nil
    }
  }

  private static func words(_ problem: String) -> (message: String, hint: String) {
    let indentation = "indent with spaces, the same number for all keys of one mapping"
    return switch problem {
    case "found character that cannot start any token":
      (
        "a value cannot begin with this character (a tab, '@', '`' or '%')",
        "indent with spaces; put texts with special characters in quotes"
      )
    case "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      ("the line is indented with a tab", "indent with spaces")
    case "mapping values are not allowed in this context":
      ("a ':' is not expected here", "is the indentation right, or a text with ': ' not in quotes?")
    case "could not find expected ':'": ("expected ':' after the key", "")
    case "did not find expected key", "did not find expected '-' indicator":
      ("the line does not fit the lines above it", indentation)
    case "did not find expected ',' or '}'": ("expected ',' or '}'", "")
    case "did not find expected ',' or ']'": ("expected ',' or ']'", "")
    case "found unexpected end of stream":
      ("the text in quotes does not end", "add the closing quote")
    case "did not find expected <document start>":
      ("expected the end of the text", indentation)
    case "block sequence entries are not allowed in this context":
      ("a list entry '-' is not expected here", "put the list on the lines below its key")
    case "found unknown escape character":
      ("unknown escape after '\\' in a text in double quotes", "use single quotes to keep '\\'")
    case "found incompatible YAML document":
      ("this version of YAML is not known", "remove the %YAML line")
    case "found undefined tag handle":
      ("a tag (!name) is not allowed in a manifest", "quote texts that begin with '!'")
    case "did not find expected alphabetic or numeric character":
      (
        "anchors (&) and aliases (*) are not allowed in a manifest",
        "quote texts that begin with '&' or '*'"
      )
    default: ("the text is not valid YAML: \(problem)", "")
    }
  }
}
