import PonsKit
import PonsWeights
import TestFolders
import Testing

@Suite struct ModelFolderTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in [
      "config.json", "model.safetensors.index.json", "vocab.json",
      "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
    ] {
      try folder.write(try Fixture.bytes("sharded/" + name), name)
    }
  }

  @Test func `shards are one file`() throws {
    let model = try ModelFolder(path: folder.path)
    #expect(model.config?["hidden_size"] == 2)
    #expect(model.file("vocab.json") != nil && model.file("merges.txt") == nil)
    let weights = try model.weights()
    for (name, (_, shape, numbers)) in try Fixture.values("sharded") {
      #expect(try weights.tensor(name).shape == shape)
      #expect(try weights.tensor(name).floats() == numbers)
    }
    #expect(weights.tensors.count == 2)
  }

  @Test(arguments: [
    "../model-00001-of-00002.safetensors", "/etc/passwd", "..", "", "a/../b", "none.safetensors",
    "model-00002-of-00002.safetensors",
  ])
  func `an index that leads elsewhere is refused`(shard: String) throws {
    let index: JSON = ["weight_map": ["a.weight": .string(shard)]]
    try folder.write(Array(index.canonical.utf8), "model.safetensors.index.json")
    let error = #expect(throws: WeightError.self) {
      try ModelFolder(path: folder.path).weights()
    }
    #expect(error?.key == "a.weight", "\(String(describing: error))")
  }

  @Test func `one file is preferred, and any name will do when there is one`() throws {
    try folder.write(try Fixture.bytes("every.safetensors"), "model.safetensors")
    #expect(try ModelFolder(path: folder.path).weights().tensors.count == 14)
    let other = try TemporaryFolder()
    #expect(throws: WeightError.self) { try ModelFolder(path: other.path).weights() }
    try other.write(try Fixture.bytes("run.pth"), "anything.pth")
    #expect(try ModelFolder(path: other.path).weights().tensors.count == 7)
    try other.write(try Fixture.bytes("run.pth"), "other.pth")
    #expect(throws: WeightError.self) { try ModelFolder(path: other.path).weights() }
  }

  @Test(arguments: ["{", "[]", "{\"a\":1,\"a\":2}"])
  func `a damaged config is named`(text: String) throws {
    try folder.write(Array(text.utf8), "config.json")
    let error = #expect(throws: WeightError.self) { try ModelFolder(path: folder.path) }
    #expect(error?.file.hasSuffix("config.json") == true)
  }
}
