import PonsManifest
import Testing

/// Tells swaps, locks and layers that do not fit: each with file, line, column and what to do.
@Suite struct SwapErrorsTests {
  static let cases: [ErrorCase] = [
    ErrorCase(
      "set use",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.use, to: volume.other}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: 'stages.f.use' cannot be set
          swap the stage in an overlay: 'use: [{stage: ..., use: ...}]'
        """),
    ErrorCase(
      "swap of an unknown stage",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        use: [{stage: g, use: volume.other}]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:15: error: there is no stage 'g' to swap
          stages: read, f
        """),
    ErrorCase(
      "swap to an unknown stage id",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        use: [{stage: f, use: volume.otehr, reason: r, by: b}]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:23: error: no plugin has a stage 'volume.otehr'
          did you mean 'volume.other'?
        """),
    ErrorCase(
      "swap with missing settings",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        use: [{stage: f, use: volume.other, reason: r, by: b}]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:23: error: stage 'f' needs the parameter 'radius' of 'volume.other' (a number, in mm)
          add 'with: {radius: ...}'
        """),
    ErrorCase(
      "swap that does not fit",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        use: [{stage: f, use: mask.make, reason: r, by: b}]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:23: error: 'mask.make' cannot take the place of stage 'f': it has no output port 'volume', which output 'o' needs
          outputs: mask
        """),
    ErrorCase(
      "swap without the input",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        use: [{stage: f, use: any.count, reason: r, by: b}]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:23: error: 'any.count' cannot take the place of stage 'f': it has no input port 'volume'
          inputs: packet
        site.yaml:3:23: error: 'any.count' cannot take the place of stage 'f': it has no output port 'volume', which output 'o' needs
          outputs: table
        site.yaml:3:23: error: stage 'f': the input port 'packet' (any) of 'any.count' is not connected
          add 'in: {packet: STAGE.OUTPUT}'
        """),
    ErrorCase(
      "swap and set of one path",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        use: [{stage: f, use: volume.other, with: {radius: 1}, reason: r, by: b}]
        set: [{path: stages.f.with.radius, to: 2}]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:14: error: 'stages.f.with.radius' is changed twice; the first is at line 3
          keep one of the two, or put the second into an overlay of its own
        """),
    ErrorCase(
      "swap outside overridable",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        use: [{stage: f, use: volume.filter, with: {minimum: 12}, reason: r, by: b}]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:54: error: 'minimum' of stage 'f' is 12, greater than the greatest value allowed, 10: outside what the manifest lets overlays choose
          'overridable' is at m.yaml:11:19
        """),
    ErrorCase(
      "locked",
      ErrorCase.base + "locked: true\n",
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.rounds, to: 6}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: 'stages.f.with.rounds' may not be changed: the manifest is locked and does not list it as overridable
          overridable there: minimum, method, use
        """),
    ErrorCase(
      "locked connection",
      ErrorCase.base + "locked: true\n",
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.in.volume, to: read.volume}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: 'stages.f.in.volume' may not be changed: the manifest is locked and does not list it as overridable
          overridable there: minimum, method, use
        """),
    ErrorCase(
      "locked output",
      ErrorCase.base + "locked: true\n",
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: outputs.o, to: read.volume}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: 'outputs.o' may not be changed: the manifest is locked and does not list it as overridable
          only its parameters can be set
        """),
    ErrorCase(
      "locked swap",
      ErrorCase.base + "locked: true\n",
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        use: [{stage: read, use: phantom.brain}]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:26: error: 'stages.read.use' may not be changed: the manifest is locked and does not list it as overridable
          only its parameters can be set
        """),
    ErrorCase(
      "base is another file",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        base: other.yaml

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:7: error: this overlay is for 'other.yaml', but 'm.yaml' is run
          run its base, or remove 'base'
        """),
    ErrorCase(
      "range by way of a parameter",
      """
      pons: 1
      name: t
      parameters:
        level: {type: number, default: 2}
      stages:
        read: {use: volume.read, with: {path: p}}
        f:
          use: volume.filter
          in: {volume: read.volume}
          with: {minimum: ${level}, method: mean, label: x, rounds: 3}
          overridable: {minimum: [0, 10], method: {enum: [mean, median]}, label: false, use: true}
      outputs: {o: f.volume}

      """,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: parameters.level, to: 12, reason: r, by: b}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:34: error: 'minimum' of stage 'f' is 12, greater than the greatest value allowed, 10: outside what the manifest lets overlays choose
          'overridable' is at m.yaml:11:19
        """),
    ErrorCase(
      "overridable names",
      """
      pons: 1
      name: t
      parameters:
        level: {type: number, default: 2}
      stages:
        read: {use: volume.read, with: {path: p}}
        f:
          use: volume.filter
          in: {volume: read.volume}
          with: {minimum: 5, method: mean, label: x, rounds: 3}
          overridable: {minimum: [0, 10], lable: true, method: [0, 1], rounds: {enums: [1]}, threads: [2], tables: [3, 2], use: true}
      outputs: {o: f.volume}

      """,
      expected: """
        m.yaml:11:37: error: 'overridable' names 'lable', which 'volume.filter' does not have
          did you mean 'label'?
        m.yaml:11:58: error: 'overridable' gives a range for 'method', which is a text
          write {enum: [...]} or true
        m.yaml:11:74: error: 'rounds' under 'overridable' of stage 'f' must be a range [least, greatest], {enum: [...]}, true or false, found a mapping
        m.yaml:11:75: error: unknown key 'enums' in 'rounds' under 'overridable' of stage 'f'
          did you mean 'enum'?
        m.yaml:11:97: error: 'threads' under 'overridable' of stage 'f' must be a range [least, greatest], {enum: [...]}, true or false, found a list
        m.yaml:11:110: error: 'tables' under 'overridable' of stage 'f': the least value is greater than the greatest
        """),
    ErrorCase(
      "second overlay sees the first",
      ErrorCase.base,
      files: [
        "a.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.minimum, to: 6, from: 5, reason: r, by: b}

        """,
        "b.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.minimum, to: 7, from: 5, reason: r, by: b}

        """,
      ],
      overlays: ["a.yaml", "b.yaml"],
      expected: """
        b.yaml:4:48: error: 'stages.f.with.minimum' is not '5' as this overlay expects, but '6'
          the manifest has changed since the overlay was written: check whether 'to' is still right
        """),
    ErrorCase(
      "syntax error in one, unknown path in the other",
      ErrorCase.base,
      files: [
        "a.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.minimum, to: [6}

        """,
        "b.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.x.threads, to: 7}

        """,
      ],
      overlays: ["a.yaml", "b.yaml"],
      expected: """
        a.yaml:4:41: error: expected ',' or ']'
        """),
    ErrorCase(
      "missing file",
      ErrorCase.base,
      overlays: ["site.yaml"],
      expected: """
        site.yaml: error: the file cannot be read: no such file
        """),
  ]

  @Test(arguments: cases) func `every error is told`(_ error: ErrorCase) throws {
    #expect(try error.found() == error.expected)
  }
}
