import PonsManifest
import Testing

/// Tells what is no YAML, or more than a manifest needs: each with file, line, column and what to do.
@Suite struct YAMLErrorsTests {
  static let cases: [ErrorCase] = [
    ErrorCase(
      "empty",
      """

      """,
      expected: """
        m.yaml:1:1: error: the file is empty
          a manifest begins with 'pons: 1'
        """),
    ErrorCase(
      "only a comment",
      """
      # nothing

      """,
      expected: """
        m.yaml:1:1: error: the file is empty
          a manifest begins with 'pons: 1'
        """),
    ErrorCase(
      "a tab",
      """
      pons: 1
      \tname: t

      """,
      expected: """
        m.yaml:2:1: error: the line is indented with a tab
          indent with spaces
        """),
    ErrorCase(
      "brace not closed",
      """
      pons: 1
      name: {a: b

      """,
      expected: """
        m.yaml:3:1: error: expected ',' or '}' (the mapping '{' begins at line 2)
        """),
    ErrorCase(
      "bracket not closed",
      """
      pons: 1
      plugins: [a, b
      name: t

      """,
      expected: """
        m.yaml:3:5: error: expected ',' or ']' (the list '[' begins at line 2)
        """),
    ErrorCase(
      "quote not closed",
      """
      pons: 1
      name: "abc

      """,
      expected: """
        m.yaml:3:1: error: the text in quotes does not end (the text in quotes begins at line 2)
          add the closing quote
        """),
    ErrorCase(
      "colon in a text",
      """
      pons: 1
      name: a: b

      """,
      expected: """
        m.yaml:2:8: error: a ':' is not expected here
          is the indentation right, or a text with ': ' not in quotes?
        """),
    ErrorCase(
      "no colon",
      """
      pons: 1
      name
      stages: {}

      """,
      expected: """
        m.yaml:3:1: error: expected ':' after the key (the line begins at line 2)
          write 'name: value'
        """),
    ErrorCase(
      "indentation",
      """
      pons: 1
        name: t

      """,
      expected: """
        m.yaml:2:7: error: a ':' is not expected here
          is the indentation right, or a text with ': ' not in quotes?
        """),
    ErrorCase(
      "less indentation",
      """
      pons: 1
      stages:
          a: {use: x}
        b: {use: y}

      """,
      expected: """
        m.yaml:4:3: error: the line does not fit the lines above it (the mapping begins at line 1)
          indent with spaces, the same number for all keys of one mapping
        """),
    ErrorCase(
      "list in a mapping",
      """
      pons: 1
      - a

      """,
      expected: """
        m.yaml:2:1: error: the line does not fit the lines above it (the mapping begins at line 1)
          indent with spaces, the same number for all keys of one mapping
        """),
    ErrorCase(
      "at sign",
      """
      pons: 1
      name: @x

      """,
      expected: """
        m.yaml:2:7: error: a value cannot begin with this character (a tab, '@', '`' or '%')
          indent with spaces; put texts with special characters in quotes
        """),
    ErrorCase(
      "alias",
      """
      pons: 1
      name: *x

      """,
      expected: """
        m.yaml:2:7: error: an alias (*name) is not allowed in a manifest
          repeat the value
        """),
    ErrorCase(
      "anchor",
      """
      pons: 1
      name: &x t

      """,
      expected: """
        m.yaml:2:7: error: an anchor (&name) is not allowed in a manifest
          repeat the value where it is needed; quote texts that begin with '&'
        """),
    ErrorCase(
      "tag",
      """
      pons: 1
      name: !!str t

      """,
      expected: """
        m.yaml:2:7: error: a tag (!name) is not allowed in a manifest
          types come from the stage; quote texts that begin with '!'
        """),
    ErrorCase(
      "unknown tag",
      """
      pons: 1
      name: !x!y t

      """,
      expected: """
        m.yaml:2:7: error: a tag (!name) is not allowed in a manifest
          quote texts that begin with '!'
        """),
    ErrorCase(
      "two documents",
      """
      pons: 1
      ---
      pons: 1

      """,
      expected: """
        m.yaml:2:1: error: a second document begins here; a manifest is one document
          put each manifest in a file of its own
        """),
    ErrorCase(
      "list as key",
      """
      pons: 1
      ? [a]
      : b

      """,
      expected: """
        m.yaml:2:3: error: a key must be a name, not a list or a mapping
        """),
    ErrorCase(
      "bad escape",
      """
      pons: 1
      name: "a\\qb"

      """,
      expected: """
        m.yaml:2:9: error: unknown escape after '\\' in a text in double quotes
          use single quotes to keep '\\'
        """),
    ErrorCase(
      "bad directive",
      """
      %YAML 3.0
      ---
      pons: 1

      """,
      expected: """
        m.yaml:1:1: error: this version of YAML is not known
          remove the %YAML line
        """),
    ErrorCase(
      "duplicate keys",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}
      name: u

      """,
      expected: """
        m.yaml:6:1: error: the key 'name' occurs twice; the first is at line 2
          remove one of them
        """),
    ErrorCase(
      "duplicate stages",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:3: error: the key 'read' occurs twice; the first is at line 4
          remove one of them
        """),
    ErrorCase(
      "a scalar",
      """
      just text

      """,
      expected: """
        m.yaml:1:1: error: a manifest must be a mapping (name: value), found 'just text'
          a manifest begins with 'pons: 1'
        """),
    ErrorCase(
      "a list",
      """
      - a

      """,
      expected: """
        m.yaml:1:1: error: a manifest must be a mapping (name: value), found a list
          a manifest begins with 'pons: 1'
        """),
  ]

  @Test(arguments: cases) func `every error is told`(_ error: ErrorCase) throws {
    #expect(try error.found() == error.expected)
  }
}
