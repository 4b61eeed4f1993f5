import PonsManifest
import Testing

/// Tells ground truth on forbidden ways: each with file, line, column and what to do.
@Suite struct GroundTruthErrorsTests {
  static let cases: [ErrorCase] = [
    ErrorCase(
      "straight",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        b: {use: phantom.brain}
        j: {use: any.count, in: {packet: b.truth}}
      outputs: {o: read.volume}
      unsupervised: true

      """,
      expected: """
        m.yaml:6:36: error: ground truth would reach 'j.packet', which 'unsupervised: true' forbids: b.truth -> j.packet
          ground truth may end in evaluation and in terminal stages (writers, reports) only
        """),
    ErrorCase(
      "through a stage",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        b: {use: phantom.brain}
        t: {use: mask.evaluate, in: {mask: b.truth, truth: b.truth}}
      outputs: {o: read.volume}
      unsupervised: true

      """,
      expected: """
        m.yaml:6:38: error: ground truth would reach 't.mask', which 'unsupervised: true' forbids: b.truth -> t.mask
          ground truth may end in evaluation and in terminal stages (writers, reports) only
        """),
    ErrorCase(
      "through three stages",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        b: {use: phantom.brain}
        j: {use: mask.evaluate, in: {mask: m.mask, truth: b.truth}}
        m: {use: mask.make, in: {volume: b.volume}}
        c: {use: any.count, in: {packet: j.scores}}
      outputs: {o: read.volume}
      unsupervised: true

      """,
      expected: """
        m.yaml:8:36: error: ground truth would reach 'c.packet', which 'unsupervised: true' forbids: b.truth -> j.scores -> c.packet
          ground truth may end in evaluation and in terminal stages (writers, reports) only
        """),
    ErrorCase(
      "the manifest says so",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        g: {use: volume.read, with: {path: q}, ground_truth: true}
        f: {use: volume.filter, in: {volume: g.volume}}
        h: {use: volume.filter, in: {volume: f.volume}}
      outputs: {o: read.volume}
      unsupervised: true

      """,
      expected: """
        m.yaml:6:40: error: ground truth would reach 'f.volume', which 'unsupervised: true' forbids: g.volume -> f.volume
          ground truth may end in evaluation and in terminal stages (writers, reports) only
        """),
    ErrorCase(
      "of a stage with inputs",
      """
      pons: 1
      name: t
      stages:
        read: {use: volume.read, with: {path: p}}
        f: {use: volume.filter, in: {volume: read.volume}, ground_truth: true}
      outputs: {o: read.volume}

      """,
      expected: """
        m.yaml:5:68: error: 'ground_truth' belongs to sources; 'volume.filter' has inputs, which decide it
        """),
  ]

  @Test(arguments: cases) func `every error is told`(_ error: ErrorCase) throws {
    #expect(try error.found() == error.expected)
  }
}
