import Glibc
import PonsKit
import PonsManifest
import Testing

@Suite struct GraphDrawingTests {
  static let fixture = Fixture(
    """
    pons: 1
    name: drawing
    stages:
      brain: {use: phantom.brain}
      filter: {use: volume.filter, in: {volume: brain.volume}}
      mask: {use: mask.make, in: {volume: filter.volume}}
      train: {use: model.train, in: {volume: filter.volume, mask: mask.mask}}
      predict: {use: model.predict, in: {volume: filter.volume, model: train.model}}
      score: {use: mask.evaluate, in: {mask: predict.mask, truth: brain.truth}}
      write: {use: volume.write, in: {volume: filter.volume}}
    outputs: {mask: predict.mask, scores: score.scores, image: write.files}
    """)

  @Test func `text names every edge with kind and cardinality`() throws {
    let text = try Self.fixture.graph().text
    #expect(
      text == """
        drawing

        brain    phantom.brain
        filter   volume.filter
                 volume <- brain.volume  [volume, each]
        mask     mask.make
                 volume <- filter.volume  [volume, each]
        train    model.train
                 volume <- filter.volume  [volume, all]
                 mask <- mask.mask  [mask, all]
        predict  model.predict
                 volume <- filter.volume  [volume, each]
                 model <- train.model  [model, once]
        score    mask.evaluate
                 mask <- predict.mask  [mask, each]
                 truth <- brain.truth  [mask, each, ground truth]
        write    volume.write
                 volume <- filter.volume  [volume, each]

        outputs
          mask <- predict.mask  [mask]
          scores <- score.scores  [table, ground truth]
          image <- write.files  [files]

        """)
  }

  @Test func `SVG has every stage, and marks ground truth`() throws {
    let graph = try Self.fixture.graph()
    let svg = graph.svg
    // By hand: PONS_DRAWING=file writes it, to be looked at.
    if let path = getenv("PONS_DRAWING"), let file = fopen(path, "w") {
      fputs(svg, file)
      fclose(file)
    }
    for stage in graph.stages { #expect(svg.contains(">\(stage.name)</text>")) }
    #expect(svg.contains(">all</text>"))
    #expect(svg.contains(">once</text>"))
    #expect(svg.contains("brain.truth \u{2192} score.truth: mask, ground truth"))
    #expect(!svg.contains("filter.volume \u{2192} train.volume: volume, ground truth"))
    #expect(!svg.contains("nan"))
  }

  @Test func `the overview leaves out what other ways imply, but never ground truth`() throws {
    let graph = try Self.fixture.graph()
    let picture = graph.overview
    for stage in graph.stages { #expect(picture.contains(">\(stage.name)</text>")) }
    for output in graph.outputs { #expect(picture.contains(">\(output.name)</text>")) }
    #expect(picture.contains("<title>mask \u{2192} train: mask</title>"))
    #expect(!picture.contains("<title>filter \u{2192} train: volume</title>"))
    #expect(picture.contains("<title>brain \u{2192} score: mask</title>"))
    #expect(!picture.contains("nan"))
  }

  @Test func `DOT quotes names`() throws {
    let dot = try Self.fixture.graph().dot
    #expect(dot.contains("s0 [label=\"brain\\nphantom.brain\"];"))
    #expect(dot.contains("style=dashed"))
  }
}
