import PonsManifest
import Testing

/// Tells connections that cannot be: each with file, line, column and what to do.
@Suite struct ConnectionErrorsTests {
  static let cases: [ErrorCase] = [
    ErrorCase(
      "unknown stage id",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.fliter, in: {volume: read.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:12: error: no plugin has a stage 'volume.fliter'
          did you mean 'volume.filter'?
        """),
    ErrorCase(
      "unknown stage id, nothing near",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: xyzzy, in: {volume: read.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:12: error: no plugin has a stage 'xyzzy'
          'pons plugins list' shows every stage; 'plugins:' names files and folders with more
        """),
    ErrorCase(
      "unknown stage",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: raed.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:40: error: input 'volume' of stage 'f': there is no stage 'raed'
          did you mean 'read'?
        """),
    ErrorCase(
      "unknown output",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volum}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:40: error: input 'volume' of stage 'f': 'volume.read' has no output port 'volum' (stage 'read')
          did you mean 'volume'?
        """),
    ErrorCase(
      "unknown input",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volum: read.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:32: error: 'volume.filter' has no input port 'volum' (stage 'f')
          did you mean 'volume'?
        """),
    ErrorCase(
      "input of a source",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        s: {use: volume.read, in: {volume: read.volume}, with: {path: q}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:30: error: 'volume.read' has no input port 'volume' (stage 's')
          it is a source and has no inputs
        """),
    ErrorCase(
      "no port",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:40: error: input 'volume' of stage 'f' must be 'stage.output', found 'read'
          write 'read.volume'
        """),
    ErrorCase(
      "three parts",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume.x}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:40: error: input 'volume' of stage 'f' must be 'stage.output', found 'read.volume.x'
          write 'read.volume'
        """),
    ErrorCase(
      "reference is a list",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: [read.volume]}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:40: error: input 'volume' of stage 'f' must be a text, found a list
        """),
    ErrorCase(
      "not connected",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:3: error: stage 'f': the input port 'volume' (volume) of 'volume.filter' is not connected
          add 'in: {volume: read.volume}'
        """),
    ErrorCase(
      "no inputs",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {}}
        g: {use: volume.filter, in: }
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:3: error: stage 'f': the input port 'volume' (volume) of 'volume.filter' is not connected
          add 'in: {volume: read.volume}'
        m.yaml:6:3: error: stage 'g': the input port 'volume' (volume) of 'volume.filter' is not connected
          add 'in: {volume: f.volume}'
        """),
    ErrorCase(
      "not connected, nothing fits",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: mask.join}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:3: error: stage 'f': the input port 'a' (mask) of 'mask.join' is not connected
          add 'in: {a: STAGE.OUTPUT}'
        m.yaml:5:3: error: stage 'f': the input port 'b' (mask) of 'mask.join' is not connected
          add 'in: {b: STAGE.OUTPUT}'
        """),
    ErrorCase(
      "kinds",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: b.truth}}
        b: {use: phantom.brain}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:40: error: input 'volume' of stage 'f' takes packets of kind 'volume', but 'b.truth' gives 'mask'
          did you mean 'b.volume'?
        """),
    ErrorCase(
      "element types",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        m: {use: mask.make, in: {volume: read.volume}}
        q: {use: int.only, in: {mask: m.mask}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:6:33: error: input 'mask' of stage 'q' takes elements of type int32, int64, but 'm.mask' gives uint8
          put a stage between them that converts
        """),
    ErrorCase(
      "output of an unknown stage",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
      outputs: {o: raed.volume, p: read.volumes, q: read}

      """,
      expected: """
        m.yaml:5:14: error: output 'o': there is no stage 'raed'
          did you mean 'read'?
        m.yaml:5:30: error: output 'p': 'volume.read' has no output port 'volumes' (stage 'read')
          did you mean 'volume'?
        m.yaml:5:47: error: output 'q' must be 'stage.output', found 'read'
          write 'read.volume'
        """),
    ErrorCase(
      "terminal",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        w: {use: volume.write, in: {volume: read.volume}}
        c: {use: any.count, in: {packet: w.files}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:6:36: error: input 'packet' of stage 'c' cannot be connected to 'w.files': 'volume.write' is a terminal stage, whose outputs are results and flow nowhere else
          declare it under 'outputs:', or connect the stage before it
        """),
    ErrorCase(
      "one into each",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        m: {use: mask.make, in: {volume: read.volume}}
        t: {use: model.train, in: {volume: read.volume, mask: m.mask}}
        c: {use: any.count, in: {packet: t.model}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:7:36: error: input 'packet' of stage 'c' takes a packet for each case, but 't.model' gives one packet a run
          connect it to a stage that gives a packet for each case
        """),
    ErrorCase(
      "per-case into once",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        p: {use: model.predict, in: {volume: read.volume, model: x.model}}
        x: {use: model.fake, in: {volume: read.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:60: error: input 'model' of stage 'p' takes one packet for the whole run, but 'x.model' gives one for each case
          put a stage between them that gathers all cases (training, for example)
        """),
    ErrorCase(
      "one into all",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        m: {use: mask.make, in: {volume: read.volume}}
        t: {use: model.train, in: {volume: read.volume, mask: m.mask}}
        g: {use: any.gather, in: {packets: t.model}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:7:38: error: input 'packets' of stage 'g' takes a packet for every case, but 't.model' gives one packet a run
          connect it to a stage that gives a packet for each case
        """),
    ErrorCase(
      "itself",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: f.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:40: error: the stages form a cycle: f -> f
          packets flow one way: remove one of these connections
        """),
    ErrorCase(
      "cycle",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        a: {use: volume.filter, in: {volume: c.volume}}
        b: {use: volume.filter, in: {volume: a.volume}}
        c: {use: volume.filter, in: {volume: b.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:40: error: the stages form a cycle: a -> b -> c -> a
          packets flow one way: remove one of these connections
        """),
    ErrorCase(
      "two cycles, and a stage after them",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        a: {use: volume.filter, in: {volume: b.volume}}
        b: {use: volume.filter, in: {volume: a.volume}}
        c: {use: volume.filter, in: {volume: b.volume}}
        d: {use: volume.filter, in: {volume: d.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:40: error: the stages form a cycle: a -> b -> a
          packets flow one way: remove one of these connections
        m.yaml:8:40: error: the stages form a cycle: d -> d
          packets flow one way: remove one of these connections
        """),
    ErrorCase(
      "each and all ports",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        x: {use: bad.both, in: {a: read.volume, b: read.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:12: error: 'bad.both' cannot be used: it has input ports for each case and input ports for all cases
          this is an error of the plugin; 'pons plugins check' tells its author more
        """),
    ErrorCase(
      "same grid",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        x: {use: bad.grid, in: {a: read.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:12: error: 'bad.grid' cannot be used: port 'a' wants the grid of 'b', which is no input port
          this is an error of the plugin; 'pons plugins check' tells its author more
        """),
    ErrorCase(
      "one from each",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        x: {use: bad.one, in: {a: read.volume}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:12: error: 'bad.one' cannot be used: port 'x' gives one packet a run, but the stage runs for each case
          this is an error of the plugin; 'pons plugins check' tells its author more
        """),
    ErrorCase(
      "no cases at all",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        x: {use: all.optional}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:3: error: stage 'x' gets no cases: connect at least one of its inputs 'a'
        """),
    ErrorCase(
      "join with new cases",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        s: {use: volume.slices, in: {volume: read.volume}}
        m: {use: mask.make, in: {volume: s.slices}}
        n: {use: mask.make, in: {volume: read.volume}}
        j: {use: mask.join, in: {a: m.mask, b: n.mask}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:8:42: error: the inputs 'a' and 'b' of stage 'j' can never hold the same case: 'a' gets cases that 's.slices' makes anew, 'b' does not
          connect 'b' to a stage that comes after 's.slices'
        """),
    ErrorCase(
      "gathering with new cases",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        s: {use: volume.slices, in: {volume: read.volume}}
        n: {use: mask.make, in: {volume: read.volume}}
        t: {use: model.train, in: {volume: s.slices, mask: n.mask}}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:7:54: error: the inputs 'volume' and 'mask' of stage 't' can never hold the same case: 'volume' gets cases that 's.slices' makes anew, 'mask' does not
          connect 'mask' to a stage that comes after 's.slices'
        """),
  ]

  @Test(arguments: cases) func `every error is told`(_ error: ErrorCase) throws {
    #expect(try error.found() == error.expected)
  }
}
