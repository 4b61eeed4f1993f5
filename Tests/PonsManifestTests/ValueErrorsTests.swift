import PonsManifest
import Testing

/// Tells values that a stage does not take: each with file, line, column and what to do.
@Suite struct ValueErrorsTests {
  static let cases: [ErrorCase] = [
    ErrorCase(
      "number",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: much}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: 'minimum' of stage 'f' must be a number, found 'much'
        """),
    ErrorCase(
      "number in quotes",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: "3"}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: 'minimum' of stage 'f' must be a number, found the text "3"
          remove the quotes
        """),
    ErrorCase(
      "number with underscores",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: 1_000}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: 'minimum' of stage 'f' must be a number, found '1_000'
          write 1000
        """),
    ErrorCase(
      "number with a comma",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: '1,5'}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: 'minimum' of stage 'f' must be a number, found the text "1,5"
          write '.' before decimals, and nothing between thousands
        """),
    ErrorCase(
      "infinity",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: .inf}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: 'minimum' of stage 'f' must be a number, found '.inf'
          the value must be finite and fit a 64-bit number
        """),
    ErrorCase(
      "too large for a Double",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: -1e999}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: 'minimum' of stage 'f' must be a number, found '-1e999'
          the value must be finite and fit a 64-bit number
        """),
    ErrorCase(
      "above the maximum",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: 1001}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: 'minimum' of stage 'f' is 1001 HU, greater than the greatest value allowed, 1000
        """),
    ErrorCase(
      "integer with a fraction",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {rounds: 38.5}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:69: error: 'rounds' of stage 'f' must be an integer, found '38.5'
          the value must have no fraction
        """),
    ErrorCase(
      "integer out of range",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {rounds: 9223372036854775808}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:69: error: 'rounds' of stage 'f' must be an integer, found '9223372036854775808'
          integers have 64 bits: at most 9223372036854775807
        """),
    ErrorCase(
      "integer in quotes",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {rounds: '3'}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:69: error: 'rounds' of stage 'f' must be an integer, found the text "3"
          remove the quotes
        """),
    ErrorCase(
      "yes",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {fast: yes}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:67: error: 'fast' of stage 'f' must be true or false, found 'yes'
          write true or false; YAML 1.2 reads 'yes' as a text
        """),
    ErrorCase(
      "off",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {fast: OFF}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:67: error: 'fast' of stage 'f' must be true or false, found 'OFF'
          write true or false; YAML 1.2 reads 'OFF' as a text
        """),
    ErrorCase(
      "true in quotes",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {fast: 'true'}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:67: error: 'fast' of stage 'f' must be true or false, found the text "true"
          remove the quotes
        """),
    ErrorCase(
      "a number for a boolean",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {fast: 1}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:67: error: 'fast' of stage 'f' must be true or false, found '1'
        """),
    ErrorCase(
      "nothing for a text",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {label: }}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:68: error: 'label' of stage 'f' must be a text, found nothing
          write "" for an empty text
        """),
    ErrorCase(
      "nothing for a number",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: }}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: 'minimum' of stage 'f' must be a number, found nothing
        """),
    ErrorCase(
      "empty path",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {table: ''}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:68: error: 'table' of stage 'f' must be a path, found the text ""
        """),
    ErrorCase(
      "null for a number",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ~}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: 'minimum' of stage 'f' must be a number, found '~'
        """),
    ErrorCase(
      "not in enum",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {method: medain}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:69: error: 'method' of stage 'f' is 'medain'; allowed are mean, median, maximum
          did you mean 'median'?
        """),
    ErrorCase(
      "not in enum at all",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {method: xyzzy}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:69: error: 'method' of stage 'f' is 'xyzzy'; allowed are mean, median, maximum
        """),
    ErrorCase(
      "scalar for a list",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {sizes: 3}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:68: error: 'sizes' of stage 'f' must be a list of integers, found '3'
          write [3]
        """),
    ErrorCase(
      "wrong element",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {sizes: [1, x, 0, 2.5]}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:72: error: element 2 of 'sizes' of stage 'f' must be an integer, found 'x'
        m.yaml:5:78: error: element 4 of 'sizes' of stage 'f' must be an integer, found '2.5'
          the value must have no fraction
        """),
    ErrorCase(
      "element below the minimum",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {sizes: [1, 0]}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:68: error: 'sizes' of stage 'f' is 0, less than the least value allowed, 1
        """),
    ErrorCase(
      "mapping for a list",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {sizes: {a: 1}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:68: error: 'sizes' of stage 'f' must be a list of integers, found a mapping
        """),
    ErrorCase(
      "list for a text",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {label: [a]}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:68: error: 'label' of stage 'f' must be a text, found a list
        """),
    ErrorCase(
      "nan inside an object",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {options: {a: [.nan]}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:75: error: element 1 of 'a' in 'options' of stage 'f' must be a value that JSON can hold, found '.nan'
          put it in quotes to make it a text
        """),
    ErrorCase(
      "unknown parameter",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimun: 3}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:61: error: 'volume.filter' has no parameter 'minimun' (stage 'f')
          did you mean 'minimum'?
        """),
    ErrorCase(
      "several",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: x, rounds: y, fast: z, nothing: 1}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: 'minimum' of stage 'f' must be a number, found 'x'
        m.yaml:5:81: error: 'rounds' of stage 'f' must be an integer, found 'y'
        m.yaml:5:90: error: 'fast' of stage 'f' must be true or false, found 'z'
        m.yaml:5:93: error: 'volume.filter' has no parameter 'nothing' (stage 'f')
          parameters: minimum, label, method, sizes, options, table, tables, rounds, fast
        """),
    ErrorCase(
      "required parameter missing",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.other, in: {volume: read.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:3: error: stage 'f' needs the parameter 'radius' of 'volume.other' (a number, in mm)
          add 'with: {radius: ...}'
        """),
    ErrorCase(
      "threads",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, threads: 0, retries: -1}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:63: error: 'threads' of stage 'f' is 0, less than the least value allowed, 1
        m.yaml:5:75: error: 'retries' of stage 'f' is -1, less than the least value allowed, 0
        """),
    ErrorCase(
      "min_cases of a stage for each case",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, min_cases: 2, max_quarantined: x}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:65: error: 'min_cases' of stage 'f' belongs to stages that gather all cases; 'volume.filter' does not
          remove it
        m.yaml:5:85: error: 'max_quarantined' of stage 'f' belongs to stages that gather all cases; 'volume.filter' does not
          remove it
        m.yaml:5:85: error: 'max_quarantined' of stage 'f' must be an integer, found 'x'
        """),
  ]

  @Test(arguments: cases) func `every error is told`(_ error: ErrorCase) throws {
    #expect(try error.found() == error.expected)
  }
}
