import PonsKit
import PonsManifest
import Testing

/// The effective manifest, printed and read again, is the same graph.
@Suite struct RoundTripTests {
  private func withoutPlaces(_ graph: Graph) -> Graph {
    var graph = graph
    // What changed a manifest is not in the manifest that it became.
    graph.changes = []
    for index in graph.stages.indices {
      graph.stages[index].location = SourceLocation(file: "", line: 0, column: 0)
    }
    return graph
  }

  @Test func `random manifests survive printing and reading`() throws {
    for seed in 0..<150 {
      var random = RandomManifest(seed: UInt64(seed))
      let fixture = random.fixture()
      let source = fixture.files["m.yaml"] ?? ""
      #expect(try fixture.errors() == [], "seed \(seed)\n\(source)")
      let graph = try fixture.graph()
      for origins in [false, true] {
        let text = try fixture.effective().rendered(origins: origins, stages: Fixture.stages)
        var again = Fixture("", files: ["printed.yaml": text])
        again.manifest = "printed.yaml"
        #expect(try again.errors() == [], "seed \(seed)\n\(text)")
        let reread = try again.graph()
        #expect(withoutPlaces(reread) == withoutPlaces(graph), "seed \(seed)\n\(source)\n\(text)")
        let third = try again.effective().rendered(origins: false, stages: Fixture.stages)
        if !origins { #expect(third == text, "seed \(seed)") }
      }
    }
  }
}
