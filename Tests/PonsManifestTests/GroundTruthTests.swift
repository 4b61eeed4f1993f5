import PonsKit
import PonsManifest
import Testing

/// Which outputs carry ground truth.
@Suite struct GroundTruthTests {
  private func carriers(_ stages: String, unsupervised: Bool = false) throws -> [String] {
    let graph = try Fixture(
      """
      pons: 1
      name: t
      unsupervised: \(unsupervised)
      stages:
      \(stages)
      outputs: {o: b.volume}
      """
    ).graph()
    return graph.stages.indices.flatMap { index in
      graph.stages[index].descriptor.outputs.filter {
        graph.carriesGroundTruth(stage: index, output: $0.name)
      }.map { "\(graph.stages[index].name).\($0.name)" }
    }
  }

  @Test func `a port that is marked carries it, its neighbour does not`() throws {
    #expect(
      try carriers(
        """
          b: {use: phantom.brain}
          f: {use: volume.filter, in: {volume: b.volume}}
          c: {use: any.count, in: {packet: b.truth}}
          d: {use: any.count, in: {packet: c.table}}
        """) == ["b.truth", "c.table", "d.table"])
  }

  @Test func `a source that the manifest marks carries it everywhere`() throws {
    #expect(
      try carriers(
        """
          b: {use: phantom.brain, ground_truth: true}
          f: {use: volume.filter, in: {volume: b.volume}}
        """) == ["b.volume", "b.truth", "f.volume"])
  }

  @Test func `evaluation and terminal stages may see it`() throws {
    #expect(
      try carriers(
        """
          b: {use: phantom.brain}
          g: {use: volume.read, with: {path: p}, ground_truth: true}
          w: {use: volume.write, in: {volume: g.volume}}
          m: {use: mask.make, in: {volume: b.volume}}
          e: {use: mask.evaluate, in: {mask: m.mask, truth: b.truth}}
        """, unsupervised: true) == ["b.truth", "g.volume", "w.files", "e.scores"])
  }

  @Test func `cases under other keys join those of sources, and carry ground truth there`() throws {
    #expect(
      try carriers(
        """
          b: {use: phantom.brain}
          o: {use: phantom.brain}
          r: {use: mask.rename, in: {mask: o.truth}}
          m: {use: mask.make, in: {volume: b.volume}}
          e: {use: mask.evaluate, in: {mask: m.mask, truth: r.mask}}
        """, unsupervised: true) == ["b.truth", "o.truth", "r.mask", "e.scores"])
    #expect(throws: ManifestErrors.self) {
      try carriers(
        """
          b: {use: phantom.brain}
          r: {use: mask.rename, in: {mask: b.truth}}
          m: {use: mask.make, in: {volume: b.volume}}
          j: {use: mask.join, in: {a: m.mask, b: r.mask}}
        """, unsupervised: true)
    }
  }

  @Test func `new cases join among themselves, and unjoined ports take any`() throws {
    #expect(
      try carriers(
        """
          b: {use: phantom.brain}
          s: {use: volume.slices, in: {volume: b.volume}}
          m: {use: mask.make, in: {volume: s.slices}}
          n: {use: mask.make, in: {volume: s.slices}}
          j: {use: mask.join, in: {a: m.mask, b: n.mask}}
          k: {use: mask.make, in: {volume: b.volume}}
          t: {use: model.train, in: {volume: b.volume, mask: k.mask, extra: s.slices}}
        """) == ["b.truth"])
  }
}
