import PonsKit
import PonsManifest
import Testing

@Suite struct LoadingTests {
  @Test func `a manifest becomes a graph`() throws {
    let graph = try Fixture(
      """
      pons: 1
      name: first
      parameters:
        input: {type: path, required: true}
        threshold: {type: number, default: 1e1}
      stages:
        write: {use: volume.write, in: {volume: filter.volume}}
        filter:
          use: volume.filter
          in: {volume: read.volume}
          with: {minimum: ${threshold}, label: no}
        read: {use: volume.read, with: {path: ${input}}}
      outputs: {image: write.files}
      """, assignments: ["input=data"]
    ).graph()
    #expect(graph.name == "first")
    #expect(graph.stages.map(\.name) == ["read", "filter", "write"])
    #expect(graph.stages[0].parameters == ["path": "data", "recursive": false])
    #expect(graph.stages[1].parameters == ["minimum": 10.0, "label": "no"])
    #expect(graph.stages[1].inputs == [GraphInput(port: "volume", stage: 0, output: "volume")])
    #expect(graph.outputs == [GraphOutput(name: "image", stage: 2, output: "files")])
  }

  @Test func `the effective manifest shows where values come from`() throws {
    let text = try Fixture(
      """
      pons: 1
      name: first
      parameters:
        input: {type: path, required: true}
      stages:
        read: {use: volume.read, with: {path: ${input}}}
        filter: {use: volume.filter, in: {volume: read.volume}, with: {minimum: 5}}
      outputs: {image: filter.volume}
      """,
      files: [
        "site.yaml": """
        pons: 1
        overlay: site
        set:
          - {path: stages.filter.with.minimum, from: 5, to: 7, reason: our scanner, by: A. B.}
        """
      ], overlays: ["site.yaml"], assignments: ["input=data"]
    ).effective().rendered(origins: true, stages: Fixture.stages)
    #expect(
      text == """
        pons: 1
        name: first  # m.yaml:2:7
        parameters:
          input:  # m.yaml:4:3
            type: path  # m.yaml:4:17
            default: data  # command line
        stages:
          read:  # m.yaml:6:3
            use: volume.read  # m.yaml:6:15
            with:
              path: ${input}  # m.yaml:6:41
              recursive: false  # default of volume.read
          filter:  # m.yaml:7:3
            use: volume.filter  # m.yaml:7:17
            in:
              volume: read.volume  # m.yaml:7:45
            with:
              minimum: 7  # site.yaml:4:53, overlay site, reason: our scanner, by: A. B.
        outputs:
          image: filter.volume  # m.yaml:8:18

        """)
  }
}

@Suite struct EmptyGraphTests {
  @Test func `a graph without stages and outputs is one, when the manifest says so`() throws {
    let text = "pons: 1\nname: empty\nstages: {}\noutputs: {}\n"
    let manifest = try EffectiveManifest(
      ManifestRequest(manifest: "m.yaml", readFile: { _ in Array(text.utf8) }))
    #expect(try manifest.graph(stages: []).stages.isEmpty)
  }
}
