import PonsKit
import PonsModels
import PonsWeights
import TestFolders
import Testing

@Suite struct ModelStoreTests {
  private let tiny: TinyStore
  private var store: ModelStore { tiny.store }

  init() throws { tiny = try TinyStore() }

  private func file(_ bytes: [UInt8] = TinyStore.weights(), _ name: String = "in/w.safetensors")
    throws -> String
  {
    try tiny.folder.write(bytes, name)
  }

  @Test func `the identity changes with what is stored, what ships, and the registry`() throws {
    func identity() -> String { store.identity(shipped: tiny.folder.path + "shipped") }
    _ = try tiny.folder.write([1], "shipped/registry.json")
    var seen = [identity()]
    func expectNew() {
      let now = identity()
      #expect(!seen.contains(now))
      #expect(identity() == now)
      seen.append(now)
    }
    try store.importModel("new/one", from: try file())
    expectNew()
    try store.importModel("new/one", from: try file(TinyStore.weights(2), "in/other.safetensors"))
    expectNew()
    _ = try tiny.folder.write([1], "shipped/tiny/model.safetensors")
    expectNew()
    _ = try tiny.folder.write([2], "shipped/tiny/model.safetensors")
    expectNew()
    _ = try tiny.folder.write([2], "shipped/registry.json")
    expectNew()
  }

  @Test func `a missing model is refused with the command that fetches it`() {
    let error = #expect(throws: ModelError.self) { try store.locate("known") }
    #expect(error?.hint.contains("pons models fetch known ") == true)
    #expect(error?.model == "known")
  }

  @Test func `a model is imported and located, with its weights and its preprocessing`() throws {
    try store.importModel("known", from: try file())
    let model = try store.locate("known")
    #expect(try model.weights().tensor("a").floats() == [1])
    #expect(model.registered.preprocessing.size == 256)
    #expect(
      model.files == ["model.safetensors": tiny.folder.path + "store/known/model.safetensors"])
    #expect(model.digest.utf8.count == 64)
    #expect(tiny.names == ["known"])
  }

  @Test func `a file with another digest or size is refused and nothing stays`() throws {
    let error = #expect(throws: ModelError.self) {
      try store.importModel("known", from: try file(TinyStore.weights(2)))
    }
    #expect(error?.message.contains("expected \(TinyStore.digest)") == true)
    let short = #expect(throws: ModelError.self) {
      try store.importModel("known", from: try file(TinyStore.weights().dropLast()))
    }
    #expect(short?.message.contains("has 65 bytes, expected 66") == true)
    #expect(tiny.names == [])
    #expect(!store.holds("known"))
  }

  @Test func `what nobody knows is trusted once and compared from then on`() throws {
    try store.importModel("new/one", from: try file(TinyStore.weights(5)))
    #expect(try store.locate("new/one").weights().tensor("a").floats() == [5])
    try tiny.folder.write(TinyStore.weights(6), "store/new/one/model.safetensors")
    let error = #expect(throws: ModelError.self) { try store.locate("new/one") }
    #expect(error?.message.contains("'model.safetensors' is not what was stored") == true)
    try store.importModel("new/one", from: try file(TinyStore.weights(6)))
    #expect(try store.locate("new/one").weights().tensor("a").floats() == [6])
  }

  @Test func `a record that was changed with its file does not hide it`() throws {
    try store.importModel("known", from: try file())
    let other = try TinyStore(entries: [
      TinyStore.entry("known", ["files": [["name": "model.safetensors", "sha256": "unknown"]]])
    ])
    try other.store.importModel("known", from: try file(TinyStore.weights(9)))
    for name in ["model.safetensors", "pons-model.json"] {
      try tiny.folder.write(
        try Files.read(other.folder.path + "store/known/" + name), "store/known/" + name)
    }
    #expect(throws: Never.self) { try other.store.locate("known") }
    #expect(throws: ModelError.self) { try store.locate("known") }
  }

  @Test func `weights that cannot be read are not stored`() throws {
    let cut = Array(TinyStore.weights(3).dropLast(2))
    #expect(throws: WeightError.self) { try store.importModel("new/one", from: try file(cut)) }
    #expect(tiny.names == [])
  }

  @Test func `a folder gives what is needed, and an alternative where it has only that`() throws {
    _ = try file(TinyStore.weights(), "in/model.safetensors")
    let missing = #expect(throws: ModelError.self) {
      try store.importModel("pair", from: tiny.folder.path + "in")
    }
    #expect(missing?.message.contains("has no 'config.json'") == true)
    _ = try file(Array("{}".utf8), "in/config.json")
    try store.importModel("pair", from: tiny.folder.path + "in")
    #expect(try store.locate("pair").files.count == 2)
    #expect(throws: ModelError.self) { try store.importModel("pair", from: try file()) }
    _ = try file(TinyStore.weights(4), "other/old.pth")
    try store.importModel("new/one", from: tiny.folder.path + "other")
    #expect(try store.locate("new/one").weights().tensor("a").floats() == [4])
  }

  @Test func `a new import replaces the old one, and a failed one leaves it`() throws {
    try store.importModel("new/one", from: try file(TinyStore.weights(1)))
    let first = try store.locate("new/one").digest
    #expect(throws: WeightError.self) {
      try store.importModel("new/one", from: try file([1, 2, 3]))
    }
    #expect(try store.locate("new/one").digest == first)
    try store.importModel("new/one", from: try file(TinyStore.weights(2)))
    #expect(try store.locate("new/one").digest != first)
    #expect(tiny.names == ["new"])
  }

  @Test func `what a killed process left is removed, and what another one is doing is not`() throws
  {
    try tiny.folder.write([1], "store/.arriving-abcdef/model.safetensors")
    let other = try store.draft("known")
    try store.importModel("new/one", from: try file())
    #expect(
      tiny.names.filter { $0 != "new" } == [String(other.folder.split(separator: "/").last ?? "")])
  }

  @Test func `the place follows the environment`() throws {
    func root(_ environment: [String: String]) throws -> String {
      try ModelStore(environment: environment).root
    }
    let home = ["HOME": "/h"]
    #expect(try root(home) == "/h/.local/share/pons/models")
    #expect(try root(home.merging(["XDG_DATA_HOME": "/x"]) { $1 }) == "/x/pons/models")
    #expect(try root(home.merging(["XDG_DATA_HOME": "x"]) { $1 }) == "/h/.local/share/pons/models")
    #expect(try root(["PONS_MODELS": "/m", "XDG_DATA_HOME": "/x"]) == "/m")
    #expect(throws: ModelError.self) { try ModelStore(environment: [:]) }
  }
}
