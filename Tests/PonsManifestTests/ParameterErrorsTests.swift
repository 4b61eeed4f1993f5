import PonsManifest
import Testing

/// Tells parameters of the manifest: each with file, line, column and what to do.
@Suite struct ParameterErrorsTests {
  static let cases: [ErrorCase] = [
    ErrorCase(
      "shorthand mapping",
      """
      pons: 1
      name: t
      parameters: {texts: {a: b}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {label: ${texts}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:14: error: parameter 'texts' has no 'type'
          add 'type:' with one of string, path, integer, number, boolean, list, object
        m.yaml:3:22: error: unknown key 'a' in parameter 'texts'
          keys: type, items, required, default, description, minimum, maximum, enum, unit
        """),
    ErrorCase(
      "shorthand value",
      """
      pons: 1
      name: t
      parameters: {t: 0.5}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:17: error: parameter 't' must say what it is, found '0.5'
          write 't: {type: number, default: ...}'
        """),
    ErrorCase(
      "no type",
      """
      pons: 1
      name: t
      parameters: {t: {default: 0.5}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:14: error: parameter 't' has no 'type'
          add 'type:' with one of string, path, integer, number, boolean, list, object
        """),
    ErrorCase(
      "unknown type",
      """
      pons: 1
      name: t
      parameters: {t: {type: float}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:24: error: unknown type 'float'
          did you mean 'number'?
        """),
    ErrorCase(
      "misspelt type",
      """
      pons: 1
      name: t
      parameters: {t: {type: numbr}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:24: error: unknown type 'numbr'
          did you mean 'number'?
        """),
    ErrorCase(
      "list without items",
      """
      pons: 1
      name: t
      parameters: {t: {type: list}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {sizes: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:24: error: parameter 't' is a list and does not say of what
          add 'items:' with one of string, path, integer, number, boolean
        """),
    ErrorCase(
      "list of lists",
      """
      pons: 1
      name: t
      parameters: {t: {type: list, items: list}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {sizes: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:37: error: unknown type 'list'
          types: string, path, integer, number, boolean
        """),
    ErrorCase(
      "items of a number",
      """
      pons: 1
      name: t
      parameters: {t: {type: number, items: number}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:32: error: 'items' belongs to lists; parameter 't' is of type number
        """),
    ErrorCase(
      "minimum of a text",
      """
      pons: 1
      name: t
      parameters: {t: {type: string, minimum: 1}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {label: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:32: error: 'minimum' belongs to numbers; 't' is of another type
        """),
    ErrorCase(
      "minimum above maximum",
      """
      pons: 1
      name: t
      parameters: {t: {type: number, minimum: 2, maximum: 1}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:41: error: 'minimum' of 't' is greater than its 'maximum'
        """),
    ErrorCase(
      "default out of range",
      """
      pons: 1
      name: t
      parameters: {t: {type: number, minimum: 0, maximum: 1, default: 2}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:65: error: parameter 't' is 2, greater than the greatest value allowed, 1
        """),
    ErrorCase(
      "default of another type",
      """
      pons: 1
      name: t
      parameters: {t: {type: number, default: much}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:41: error: parameter 't' must be a number, found 'much'
        """),
    ErrorCase(
      "default not in enum",
      """
      pons: 1
      name: t
      parameters: {t: {type: string, enum: [mean, median], default: medain}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {label: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:63: error: parameter 't' is 'medain'; allowed are mean, median
          did you mean 'median'?
        """),
    ErrorCase(
      "enum of another type",
      """
      pons: 1
      name: t
      parameters: {t: {type: integer, enum: [1, two]}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {rounds: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:43: error: 'enum' of parameter 't' must be an integer, found 'two'
        """),
    ErrorCase(
      "required with default",
      """
      pons: 1
      name: t
      parameters: {t: {type: number, required: true, default: 1}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:48: error: parameter 't' is required and has a default, which exclude each other
          remove 'required' or 'default'
        """),
    ErrorCase(
      "required without value",
      """
      pons: 1
      name: t
      parameters: {t: {type: number, required: true}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:14: error: parameter 't' (a number) is required and has no value
          set it with --set t=...
        """),
    ErrorCase(
      "unknown reference",
      """
      pons: 1
      name: t
      parameters: {thresh: {type: number, default: 1}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${tresh}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:6:70: error: there is no parameter 'tresh'
          did you mean 'thresh'?
        """),
    ErrorCase(
      "no parameters at all",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${thresh}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:70: error: there is no parameter 'thresh'
          declare it: 'parameters: {thresh: {type: ...}}'
        """),
    ErrorCase(
      "unknown stage and unknown reference",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: no.such, with: {a: ${b}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:12: error: no plugin has a stage 'no.such'
          'pons plugins list' shows every stage; 'plugins:' names files and folders with more
        m.yaml:5:31: error: there is no parameter 'b'
        """),
    ErrorCase(
      "nested reference",
      """
      pons: 1
      name: t
      parameters: {a: {type: string, default: x}, b: {type: string, default: '${a}'}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {label: ${a}${b}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:72: error: parameter 'b' refers to a parameter, which is not allowed here
          write the value itself, or $${ for the characters '${'
        """),
    ErrorCase(
      "malformed reference",
      """
      pons: 1
      name: t
      parameters: {a: {type: string, default: x}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {label: '${a b}', table: '${', method: ${}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:6:68: error: 'label' of stage 'f' holds '${' that is no reference to a parameter
          write ${name} for a parameter, or $${ for the characters themselves
        m.yaml:6:85: error: 'table' of stage 'f' holds '${' that is no reference to a parameter
          write ${name} for a parameter, or $${ for the characters themselves
        m.yaml:6:99: error: 'method' of stage 'f' holds '${' that is no reference to a parameter
          write ${name} for a parameter, or $${ for the characters themselves
        """),
    ErrorCase(
      "text to number",
      """
      pons: 1
      name: t
      parameters: {t: {type: string, default: x}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:14: error: the parameter 't' is used where a number is needed, at m.yaml:6:70
        m.yaml:6:70: error: 'minimum' of stage 'f' must be a number, but the parameter 't' is a text
          the parameter is declared at m.yaml:3:14
        """),
    ErrorCase(
      "fraction to integer",
      """
      pons: 1
      name: t
      parameters: {t: {type: number, default: 1.5}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {rounds: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:14: error: the parameter 't' is used where an integer is needed, at m.yaml:6:69
        m.yaml:6:69: error: 'rounds' of stage 'f' must be an integer, but the parameter 't' is 1.5
          the parameter is declared at m.yaml:3:14
        """),
    ErrorCase(
      "list inside a text",
      """
      pons: 1
      name: t
      parameters: {t: {type: list, items: string, default: [x]}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {label: a${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:6:68: error: the parameter 't' is a list of texts and cannot be part of a text
        """),
    ErrorCase(
      "absent inside a text",
      """
      pons: 1
      name: t
      parameters: {t: {type: string}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {label: a${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:6:68: error: 'label' of stage 'f' needs the parameter 't', which has no value
          set it with --set t=..., or give it a default
        """),
    ErrorCase(
      "absent inside a list",
      """
      pons: 1
      name: t
      parameters: {t: {type: path}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {tables: [x, ${t}]}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:6:73: error: 'tables' of stage 'f' needs a parameter that has no value: '${t}'
          give the parameter a default
        """),
    ErrorCase(
      "absent for a required one",
      """
      pons: 1
      name: t
      parameters: {t: {type: path}}
      stages:
        read: {use: volume.read, with: {path: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:41: error: 'path' of stage 'read' is required, and the parameter that it refers to has no value
          give the parameter a default, or make it 'required: true'
        """),
    ErrorCase(
      "unknown key",
      """
      pons: 1
      name: t
      parameters: {t: {type: number, defualt: 1}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: ${t}}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:32: error: unknown key 'defualt' in parameter 't'
          did you mean 'default'?
        """),
    ErrorCase(
      "bad name",
      """
      pons: 1
      name: t
      parameters: {t.x: {type: number}}
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: {minimum: 1}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:3:14: error: 't.x' cannot be the name of a parameter
          names begin with a letter and have letters, digits, '_' and '-'
        """),
  ]

  @Test(arguments: cases) func `every error is told`(_ error: ErrorCase) throws {
    #expect(try error.found() == error.expected)
  }
}
