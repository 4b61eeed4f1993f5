import Glibc
import PonsEngine
import PonsHost
import Testing

/// What decides whether a file may be loaded. How lists and locks refuse is tested with the built program.
struct TrustTests {
  private static func bytes(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "rb"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 64 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }

  @Test func `what a library needs is read from it`() throws {
    let library = try ELFDependencies(bytes: Self.bytes(HostilePlugin.fixture))
    #expect(library.needed.contains("libswiftCore.so") && library.needed.contains("libc.so.6"))
    #expect(library.folders.contains("$ORIGIN"))
  }

  @Test func `no bytes bring the reader down`() throws {
    let good = try Self.bytes(HostilePlugin.fixture)
    var state: UInt64 = 1
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for length in [0, 1, 63, 64, 65, 120, 200, 4096] {
      #expect(ELFDependencies(bytes: Array(good.prefix(length))).needed.isEmpty)
    }
    // The head of the file with its tables: what is in there points everywhere.
    var different = 0
    for _ in 0..<3000 {
      var bytes = good
      for _ in 0...random(3) { bytes[6 + random(700)] = UInt8(random(256)) }
      if ELFDependencies(bytes: bytes).needed != ELFDependencies(bytes: good).needed {
        different += 1
      }
    }
    #expect(different > 0, "some changes hit what is read")
  }

  @Test func `a list narrows what may be loaded, and an unlisted file is not opened`() throws {
    try HostilePlugin.with("CRASH") { file in
      let open = PluginScanner(worker: HostilePlugin.worker, cacheFolder: nil, trust: .open)
      #expect(open.scan([file]).map(\.code) == ["CRASHED"])
      let closed = PluginScanner(
        worker: HostilePlugin.worker, cacheFolder: nil,
        trust: PluginTrust.open.narrowed(to: [], name: "a test"))
      #expect(closed.scan([file]).map(\.code) == ["NOT_ALLOWED"])
    }
  }

  @Test func `a listed file is loaded from a copy, and works as before`() throws {
    let open = HostilePlugin.registry([HostilePlugin.fixture])
    let digest = try open.digest(of: open.plugins[0].path)
    func registry(_ digests: Set<String>) -> PluginRegistry {
      PluginRegistry(
        searchPath: PluginSearchPath(only: [HostilePlugin.fixture]),
        scanner: PluginScanner(
          worker: HostilePlugin.worker, cacheFolder: nil,
          trust: PluginTrust.open.narrowed(to: digests, name: "a test")))
    }
    let narrowed = registry([digest, String(repeating: "0", count: 64)])
    #expect(narrowed.stages == open.stages)
    let provider = try narrowed.provider(for: "fixture.brighten")
    #expect(try provider.codeDigest == open.provider(for: "fixture.brighten").codeDigest)
    #expect(registry([String(repeating: "0", count: 64)]).problems.map(\.code) == ["NOT_ALLOWED"])
  }
}

extension PluginScanner.Finding {
  fileprivate var code: String? {
    if case .failure(let fault) = self { return fault.code }
    return nil
  }
}
