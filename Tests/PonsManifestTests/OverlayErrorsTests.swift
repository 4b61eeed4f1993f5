import PonsManifest
import Testing

/// Tells overlays that do not fit: each with file, line, column and what to do.
@Suite struct OverlayErrorsTests {
  static let cases: [ErrorCase] = [
    ErrorCase(
      "no name",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay:

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:2:9: error: 'overlay' must be a text, found nothing
        """),
    ErrorCase(
      "a manifest",
      ErrorCase.base,
      files: [
        "site.yaml": ErrorCase.base
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:1:1: error: this is no overlay: it has no key 'overlay'
          an overlay begins with 'pons: 1' and 'overlay: NAME'
        """),
    ErrorCase(
      "unknown keys",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        sets: []
        set: [{path: stages.f.with.minimum, to: 6, form: 5, reason: r, by: b}]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:1: error: unknown key 'sets' in the overlay
          did you mean 'set'?
        site.yaml:4:44: error: unknown key 'form' in an entry of 'set'
          did you mean 'from'?
        """),
    ErrorCase(
      "no path, no to",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set: [{to: 6}, {path: stages.f.with.minimum}, x]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:7: error: this entry of 'set' has no 'path'
          add 'path: ...'
        site.yaml:3:16: error: this entry of 'set' has no 'to'
          add 'to: ...'
        site.yaml:3:47: error: an entry of 'set' must be a mapping (name: value), found 'x'
        """),
    ErrorCase(
      "set is a mapping",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set: {a: b}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:6: error: 'set' must be a list, found a mapping
        """),
    ErrorCase(
      "unmatched stage",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.g.with.minimum, to: 6}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: nothing in the manifest has the path 'stages.g.with.minimum'
          did you mean 'stages.f.with.minimum'?
        """),
    ErrorCase(
      "unmatched parameter",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: parameters.levle, to: 6}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: the manifest has no parameter 'levle'
          did you mean 'level'?
        """),
    ErrorCase(
      "unmatched form",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stage.f.with.minimum, to: 6}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: nothing in the manifest has the path 'stage.f.with.minimum'
          did you mean 'stages.f.with.minimum'?
        """),
    ErrorCase(
      "far from everything",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: xyzzy, to: 6}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: nothing in the manifest has the path 'xyzzy'
          paths are parameters.NAME, stages.STAGE.with.NAME, stages.STAGE.in.PORT, stages.STAGE.threads (isolate, retries, ...) and outputs.NAME
        """),
    ErrorCase(
      "unknown parameter of the stage",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.minimun, to: 6}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: 'volume.filter' has no parameter 'minimun' (stage 'f')
          did you mean 'minimum'?
        """),
    ErrorCase(
      "output that is not there",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: outputs.p, to: read.volume}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: nothing in the manifest has the path 'outputs.p'
          did you mean 'outputs.o'?
        """),
    ErrorCase(
      "wrong type",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.minimum, to: much, reason: r, by: b}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:39: error: 'minimum' of stage 'f' must be a number, found 'much'
        """),
    ErrorCase(
      "outside overridable",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.minimum, to: 11, reason: r, by: b}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:39: error: 'minimum' of stage 'f' is 11, greater than the greatest value allowed, 10: outside what the manifest lets overlays choose
          'overridable' is at m.yaml:11:19
        """),
    ErrorCase(
      "outside the enumeration",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.method, to: maximum, reason: r, by: b}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:38: error: 'method' of stage 'f' is 'maximum'; allowed are mean, median: outside what the manifest lets overlays choose
          'overridable' is at m.yaml:11:37
        """),
    ErrorCase(
      "not overridable",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.label, to: y}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:12: error: 'stages.f.with.label' may not be changed: the manifest says 'overridable: {label: false}'
          the rule is at m.yaml:11:69
        """),
    ErrorCase(
      "from does not match",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.minimum, to: 6, from: 4, reason: r, by: b}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:48: error: 'stages.f.with.minimum' is not '4' as this overlay expects, but '5'
          the manifest has changed since the overlay was written: check whether 'to' is still right
        """),
    ErrorCase(
      "from of a default",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.read.with.recursive, to: true, from: true}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:56: error: 'stages.read.with.recursive' is not 'true' as this overlay expects, but 'false'
          the manifest has changed since the overlay was written: check whether 'to' is still right
        """),
    ErrorCase(
      "from of another type",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.minimum, to: 6, from: x, reason: r, by: b}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:48: error: 'from' of 'minimum' of stage 'f' must be a number, found 'x'
        """),
    ErrorCase(
      "from of a connection",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.in.volume, to: read.volume, from: read.image}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:55: error: 'stages.f.in.volume' is not 'read.image' as this overlay expects, but 'read.volume'
          the manifest has changed since the overlay was written: check whether 'to' is still right
        """),
    ErrorCase(
      "from of a parameter",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: parameters.level, to: 6, from: 3}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:43: error: 'parameters.level' is not '3' as this overlay expects, but '2'
          the manifest has changed since the overlay was written: check whether 'to' is still right
        """),
    ErrorCase(
      "twice",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.f.with.minimum, to: 6, reason: r, by: b}
          - {path: stages.f.with.minimum, to: 7, reason: r, by: b}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:5:12: error: 'stages.f.with.minimum' is changed twice; the first is at line 4
          keep one of the two, or put the second into an overlay of its own
        """),
    ErrorCase(
      "names of additions that are taken, and additions to nothing",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        add:
          parameters: {level: {type: number, default: 3}}
          stages: {f: {use: volume.filter, in: {volume: read.volume}}, g: {use: volume.filter, in: {volume: rad.volume}}}
          outputs: {O: f.volume}
          stage: {}

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:4:16: error: the manifest has a parameter 'level' already
          choose another name, or change that one with 'set'
        site.yaml:5:12: error: the manifest has a stage 'f' already
          choose another name, or change that one with 'set'
        site.yaml:5:101: error: input 'volume' of stage 'g': there is no stage 'rad'
          did you mean 'read'?
        site.yaml:6:13: error: the manifest has an output 'O' already
          choose another name, or change that one with 'set'
        site.yaml:7:3: error: unknown key 'stage' in 'add'
          did you mean 'stages'?
        """),
    ErrorCase(
      "removals of nothing",
      ErrorCase.base,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        remove: [outputs.p, level, stages.f.in.b]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:10: error: nothing in the manifest has the path 'outputs.p'
          did you mean 'outputs.o'?
        site.yaml:3:21: error: nothing in the manifest has the path 'level'
          what can be removed are stages.STAGE, stages.STAGE.in.PORT and outputs.NAME
        site.yaml:3:28: error: nothing in the manifest has the path 'stages.f.in.b'
          what can be removed are stages.STAGE, stages.STAGE.in.PORT and outputs.NAME
        """),
    ErrorCase(
      "additions to a locked manifest",
      ErrorCase.base.replacing("name: t\n", with: "name: t\nlocked: true\n"),
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        add: {outputs: {p: read.volume}}
        remove: [outputs.o]

        """
      ],
      overlays: ["site.yaml"],
      expected: """
        site.yaml:3:17: error: nothing may be added: the manifest is locked
          only its parameters and what it lists as overridable can be changed
        site.yaml:4:10: error: nothing may be removed: the manifest is locked
          only its parameters and what it lists as overridable can be changed
        """),
  ]

  @Test(arguments: cases) func `every error is told`(_ error: ErrorCase) throws {
    #expect(try error.found() == error.expected)
  }
}
