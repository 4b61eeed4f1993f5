import PonsKit
import PonsModels
import PonsWeights
import TestFolders
import Testing

@Suite struct ModelBundleTests {
  private let tiny: TinyStore
  private let path: String

  init() throws {
    tiny = try TinyStore()
    path = tiny.folder.path + "models.pons"
    let file = try tiny.folder.write(TinyStore.weights(), "w")
    try tiny.store.importModel("known", from: file)
    try tiny.store.importModel("new/one", from: try tiny.folder.write(TinyStore.weights(8), "v"))
    try tiny.store.bundle(["known", "new/one"], to: path)
  }

  @Test func `a bundle brings its models elsewhere`() throws {
    #expect(ModelStore.isBundle(path))
    #expect(!ModelStore.isBundle(tiny.folder.path + "w"))
    let other = try TinyStore()
    #expect(try other.store.importBundle(path) == ["known", "new/one"])
    #expect(try other.store.locate("new/one").weights().tensor("a").floats() == [8])
    #expect(
      try other.store.locate("new/one").digest == tiny.store.locate("new/one").digest)
    #expect(other.names == ["known", "new"])
  }

  @Test func `the same models make the same bundle`() throws {
    try tiny.store.bundle(["known", "new/one"], to: path + "2")
    #expect(try Files.read(path) == Files.read(path + "2"))
  }

  @Test func `a model that is missing or damaged is not packed, and no file appears`() throws {
    #expect(throws: ModelError.self) { try tiny.store.bundle(["pair"], to: path + "3") }
    try tiny.folder.write(TinyStore.weights(7), "store/known/model.safetensors")
    #expect(throws: ModelError.self) { try tiny.store.bundle(["known"], to: path + "3") }
    #expect(throws: Files.Failed.self) { try Files.read(path + "3") }
    #expect(throws: Files.Failed.self) { try Files.read(path + "3.part") }
  }

  /// Any byte that changes is found, or is one that nobody reads.
  @Test func `a damaged bundle brings nothing wrong`() throws {
    let whole = try Files.read(path)
    var refused = 0
    for place in stride(from: 0, to: whole.count, by: 5) {
      var bytes = whole
      bytes[place] ^= 0x04
      let other = try TinyStore()
      let damaged = try other.folder.write(bytes, "b")
      guard (try? other.store.importBundle(damaged)) != nil else {
        refused += 1
        continue
      }
      #expect(try other.store.locate("new/one").weights().tensor("a").floats() == [8])
    }
    #expect(refused > 50)
  }

  @Test func `a bundle with an unknown model or file is refused`() throws {
    let other = try TinyStore(entries: [TinyStore.entry("else")])
    let error = #expect(throws: ModelError.self) { try other.store.importBundle(path) }
    #expect(error?.message.contains("no model 'known'") == true)
    #expect(throws: WeightError.self) {
      try other.store.importBundle(tiny.folder.path + "registry.json")
    }
  }
}
