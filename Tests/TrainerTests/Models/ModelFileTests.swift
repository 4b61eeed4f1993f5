internal import Glibc
internal import PonsEngine
internal import PonsHost
internal import PonsKit
internal import StageHarness
internal import TestFolders
internal import Testing

/// model.write and model.read.
@Suite struct ModelFileTests {
  private let plugin: PluginUnderTest
  private let folder: TemporaryFolder

  init() throws {
    plugin = try PluginUnderTest("trainer")
    folder = try TemporaryFolder()
  }

  private func write(_ model: Packet, _ parameters: [String: JSON] = [:]) throws -> LocalCall {
    try plugin.stage("model.write", parameters).process(["model": model])
  }

  private func read(_ path: String) throws -> Packet {
    let call = try plugin.stage("model.read", ["path": .string(path)]).process([:])
    return try #require(call.record.sent.first?.packet)
  }

  private func refusal(_ path: String) -> StageFailure? {
    do {
      _ = try read(path)
      return nil
    } catch { return error as? StageFailure }
  }

  @Test func `a model comes back as it was, and segments the same`() throws {
    let model = try TinyTraining.train(plugin, ["steps": 10])
    let call = try write(model)
    let back = try read("\(try call.scratch())/model.safetensors")
    #expect(try back.facts == model.facts)
    let names = model.tensors.map(\.name).sorted()
    #expect(back.tensors.map(\.name).sorted() == names && names.count > 10)
    for name in names {
      #expect(back.copy(of: name) == model.copy(of: name))
      #expect(back.tensor(name)?.shape == model.tensor(name)?.shape)
    }
    let volume = try TinyTraining.sample(3).volume
    let masks = try [model, back].map { model in
      let call = try plugin.stage("unet3d.predict").process(["volume": volume, "model": model])
      return try #require(call.record.sent.first { $0.port == "mask" }?.packet)
    }
    #expect(masks[0].copy(of: "voxels") == masks[1].copy(of: "voxels"))
    let algorithm = try masks[1].facts["algorithm"]
    #expect(algorithm?["name"] == "unet3d")
    let digest = try #require(try model.facts["digest"]?.string)
    #expect(algorithm?["version"]?.string == String(digest.prefix(16)))
    #expect(
      algorithm?["note"]?.string
        == "weights \(digest); trained on 4 cases, all synthetic; research use only")
  }

  @Test func `the card says what people must know`() throws {
    let call = try write(TinyTraining.train(plugin, ["steps": 2]), ["name": "tiny"])
    let card = String(
      decoding: try Files.read("\(try call.scratch())/tiny.md"), as: UTF8.self)
    for text in [
      "# tiny", "**Research use only.**", "**Synthetic.** Every case", "| architecture | unet3d |",
      "| cases | 4 |", "| modality | MR |", "| channels | [4,8] |", "| orientation | RAS |",
      "| volume of the brain, ml | 1300.0 to 1360.0 |", "OUT_OF_ENVELOPE",
    ] { #expect(card.contains(text), "\(text) is missing in: \(card)") }
    let names = try call.record.sent.first?.packet.facts["files"]?.array?
      .compactMap { $0["name"]?.string }
    #expect(names?.sorted() == ["tiny.md", "tiny.safetensors"])
  }

  @Test func `the same model gives the same bytes`() throws {
    let model = try TinyTraining.train(plugin, ["steps": 2])
    let files = try [write(model), write(model)].map {
      try Files.read("\(try $0.scratch())/model.safetensors")
    }
    #expect(files[0] == files[1])
  }

  @Test(arguments: ["", ".hidden", "a/b", "ä", String(repeating: "x", count: 101)])
  func `a name that is no file's is refused`(name: String) throws {
    let error = try #require(throws: StageFailure.self) {
      try plugin.stage("model.write", ["name": .string(name)])
    }
    #expect(error.parameter == "name" && error.category == .badParameter)
  }

  @Test func `files that are no model are refused by name`() throws {
    let call = try write(TinyTraining.train(plugin, ["steps": 1]))
    let good = try Files.read("\(try call.scratch())/model.safetensors")
    let text = try folder.write(Array("weights of ours".utf8), "notes.txt")
    let empty = try folder.write([], "empty.safetensors")
    // Ten bytes of padding stand for a header that names no tensor.
    let plain = try folder.write([10, 0, 0, 0, 0, 0, 0, 0] + Array("{}        ".utf8), "plain.st")
    var changed = good
    changed[changed.count - 1] ^= 1
    let damaged = try folder.write(changed, "damaged.safetensors")
    let cut = try folder.write(Array(good.dropLast(100)), "cut.safetensors")
    for (path, words) in [
      (text, "'notes.txt' cannot be read"), (empty, "'empty.safetensors' cannot be read"),
      (plain, "'plain.st' holds weights without a description"),
      (damaged, "'damaged.safetensors' is damaged"), (cut, "'cut.safetensors' cannot be read"),
    ] {
      let error = try #require(refusal(path))
      #expect(error.code == "BAD_MODEL" && error.parameter == "path")
      #expect(error.message.hasPrefix(words), "\(error.message)")
      #expect(error.hint.contains("model.write"))
    }
    let missing = try #require(refusal("/nowhere/secret/model.safetensors"))
    #expect(missing.code == "NOT_FOUND" && !missing.message.contains("secret"))
    #expect(refusal("/dev")?.code == "BAD_MODEL")
  }

  /// PONS_FUZZ_ITERATIONS sets how many files are tried (300 by default).
  @Test func `damaged files are refused or read, and nothing crashes`() throws {
    let iterations = getenv("PONS_FUZZ_ITERATIONS").flatMap { Int(String(cString: $0)) } ?? 300
    let call = try write(TinyTraining.train(plugin, ["steps": 1]))
    let good = try Files.read("\(try call.scratch())/model.safetensors")
    let header = 8 + good[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    var random = SplitMix64(seed: 7)
    var refused = 0
    let volume = try TinyTraining.sample(3).volume
    for number in 0..<iterations {
      var bytes = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        // The header is where damage means something else than other weights.
        let place = Int.random(in: 0..<min(header, bytes.count), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 0x2c...0x39, using: &random), at: place)
        }
      }
      let path = try folder.write(bytes, "\(number).safetensors")
      do {
        // What is read may still be a network that makes no sense.
        let model = try read(path)
        _ = try? plugin.stage("unet3d.predict").process(["volume": volume, "model": model])
      } catch let error as StageFailure {
        #expect(error.code == "BAD_MODEL" && !error.message.isEmpty)
        refused += 1
      }
      unlink(path)
    }
    #expect(refused > iterations / 2)
  }
}
