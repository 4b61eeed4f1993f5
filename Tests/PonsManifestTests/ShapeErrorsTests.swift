import PonsManifest
import Testing

/// Tells keys and shapes: each with file, line, column and what to do.
@Suite struct ShapeErrorsTests {
  static let cases: [ErrorCase] = [
    ErrorCase(
      "everything missing",
      """
      description: x

      """,
      expected: """
        m.yaml:1:1: error: the manifest has no key 'name'
          add 'name: ...'
        m.yaml:1:1: error: the manifest has no key 'outputs'
          add 'outputs: {name: stage.port}', so that the run makes something
        m.yaml:1:1: error: the manifest has no key 'pons', which says what language it is written in
          begin it with 'pons: 1'
        m.yaml:1:1: error: the manifest has no key 'stages'
          add 'stages:' with at least one stage
        """),
    ErrorCase(
      "version 2",
      """
      pons: 2
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:1:7: error: this program reads version 1 of the manifest language ('pons: 1'), found '2'
        """),
    ErrorCase(
      "version in quotes",
      """
      pons: "1"
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:1:7: error: this program reads version 1 of the manifest language ('pons: 1'), found the text "1"
        """),
    ErrorCase(
      "unknown key",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}
      stagse: {}

      """,
      expected: """
        m.yaml:6:1: error: unknown key 'stagse' in the manifest
          did you mean 'stages'?
        """),
    ErrorCase(
      "unknown key far from all",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}
      quux: {}

      """,
      expected: """
        m.yaml:6:1: error: unknown key 'quux' in the manifest
          keys: pons, name, description, unsupervised, parameters, stages, outputs, plugins, locked, golden
        """),
    ErrorCase(
      "golden",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}
      golden: {}

      """,
      expected: """
        m.yaml:6:1: error: 'golden' has no 'max_dice_drop'
          write 'golden: {set: {input: FOLDER}, outputs: [mask], max_dice_drop: 0.02}'
        m.yaml:6:1: error: 'golden' has no 'outputs'
          write 'golden: {set: {input: FOLDER}, outputs: [mask], max_dice_drop: 0.02}'
        m.yaml:6:1: error: 'golden' has no 'set'
          write 'golden: {set: {input: FOLDER}, outputs: [mask], max_dice_drop: 0.02}'
        """),
    ErrorCase(
      "bad name",
      """
      pons: 1
      name: a b
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:2:7: error: 'a b' cannot be the name of a manifest
          names begin with a letter and have letters, digits, '_' and '-'
        """),
    ErrorCase(
      "name is a list",
      """
      pons: 1
      name: [a]
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:2:7: error: 'name' must be a text, found a list
        """),
    ErrorCase(
      "unsupervised yes",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}
      unsupervised: yes

      """,
      expected: """
        m.yaml:6:15: error: 'unsupervised' must be true or false, found 'yes'
        """),
    ErrorCase(
      "locked in quotes",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}
      locked: "true"

      """,
      expected: """
        m.yaml:6:9: error: 'locked' must be true or false, found the text "true"
        """),
    ErrorCase(
      "stages is a list",
      """
      pons: 1
      name: t
      stages: [a]
      outputs: {o: a.b}

      """,
      expected: """
        m.yaml:3:9: error: 'stages' must be a mapping (name: value), found a list
        """),
    ErrorCase(
      "stages empty",
      """
      pons: 1
      name: t
      stages:
      outputs: {}

      """,
      expected: """
        m.yaml:3:1: error: 'stages' is empty; a manifest has at least one stage
        m.yaml:4:1: error: 'outputs' is empty; a manifest has at least one output
        """),
    ErrorCase(
      "stage is a text",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: volume.filter
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:6: error: stage 'f' must be a mapping, found 'volume.filter'
          write 'f: {use: ...}'
        """),
    ErrorCase(
      "bad stage name",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        1f: {use: volume.filter, in: {volume: read.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:3: error: '1f' cannot be the name of a stage
          names begin with a letter and have letters, digits, '_' and '-'
        """),
    ErrorCase(
      "stage without use",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {in: {volume: read.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:3: error: stage 'f' does not say what it uses
          add 'use: STAGE-ID'
        """),
    ErrorCase(
      "unknown stage key",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, inputs: {volume: read.volume}, thread: 2}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:3: error: stage 'f': the input port 'volume' (volume) of 'volume.filter' is not connected
          add 'in: {volume: read.volume}'
        m.yaml:5:27: error: unknown key 'inputs' in stage 'f'
          keys: use, in, with, overridable, ground_truth, threads, min_cases, max_quarantined, retries, isolate, timeout, cpu_time, memory_mib
        m.yaml:5:58: error: unknown key 'thread' in stage 'f'
          did you mean 'threads'?
        """),
    ErrorCase(
      "isolate maybe",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, isolate: maybe}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:63: error: 'isolate' of stage 'f' must be true or false, found 'maybe'
        """),
    ErrorCase(
      "in is a text",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: read.volume}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:31: error: 'in' of stage 'f' must be a mapping (name: value), found 'read.volume'
        """),
    ErrorCase(
      "with is a list",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, with: [1]}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:60: error: 'with' of stage 'f' must be a mapping (name: value), found a list
        """),
    ErrorCase(
      "output phi",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {phi: read.volume, Summary: read.volume, .x: read.volume, a/b: read.volume}

      """,
      expected: """
        m.yaml:5:11: error: the output name 'phi' is taken by a file of the run itself
          choose another name
        m.yaml:5:29: error: the output name 'Summary' is taken by a file of the run itself
          choose another name
        m.yaml:5:51: error: '.x' cannot be the name of an output
          names begin with a letter and have letters, digits, '_' and '-'
        m.yaml:5:68: error: 'a/b' cannot be the name of an output
          names begin with a letter and have letters, digits, '_' and '-'
        """),
    ErrorCase(
      "outputs that differ in case",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {mask: read.volume, Mask: read.volume}

      """,
      expected: """
        m.yaml:5:30: error: the outputs 'mask' and 'Mask' differ in case only, and some file systems cannot tell them apart
        """),
    ErrorCase(
      "plugins is a text",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}
      plugins: x.so

      """,
      expected: """
        m.yaml:6:10: error: 'plugins' must be a list, found 'x.so'
        """),
    ErrorCase(
      "plugin is a list",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: read.volume}
      plugins: [[x]]

      """,
      expected: """
        m.yaml:6:11: error: a plugin must be a text, found a list
        """),
    ErrorCase(
      "several at once",
      """
      pons: 1
      nmae: t
      stages:
        read: {use: volume.raed, wiht: {path: p}}
      outputs: {o: raed.volume}

      """,
      expected: """
        m.yaml:1:1: error: the manifest has no key 'name'
          add 'name: ...'
        m.yaml:2:1: error: unknown key 'nmae' in the manifest
          did you mean 'name'?
        m.yaml:4:15: error: no plugin has a stage 'volume.raed'
          did you mean 'volume.read'?
        m.yaml:4:28: error: unknown key 'wiht' in stage 'read'
          did you mean 'with'?
        m.yaml:5:14: error: output 'o': there is no stage 'raed'
          did you mean 'read'?
        """),
  ]

  @Test(arguments: cases) func `every error is told`(_ error: ErrorCase) throws {
    #expect(try error.found() == error.expected)
  }
}
