import Glibc
import PonsHost
import PonsKit
import Testing

struct ScanTests {
  @Test(arguments: [
    ("CRASH", "CRASHED", "signal 11"), ("ABORT", "CRASHED", "signal 6"),
    ("EXIT_0", "EXITED", "without an answer"), ("EXIT_3", "EXITED", "exit code 3"),
    ("NO_PLUGIN", "UNWILLING", "cannot run"), ("GARBAGE_ANSWER", "BAD_ANSWER", ""),
    ("WILD_POINTER", "CRASHED", "signal 11"), ("SHORT_PLUGIN", "BAD_ABI", "16 bytes"),
    ("SHORT_STAGE", "BAD_ABI", "pons_stage"), ("SHORT_PORT", "BAD_ABI", "pons_port"),
    ("CRITICAL_PLUGIN", "UNKNOWN_FLAGS", "critical flags 1"),
    ("CRITICAL_STAGE", "UNKNOWN_FLAGS", "hostile.stage"),
    ("CRITICAL_PORT", "UNKNOWN_FLAGS", "port 'volume'"),
    ("KEYS_OF_INPUT", "BAD_DESCRIPTOR", "only outputs of new cases"),
    ("MISSING_EXTENSION", "MISSING_EXTENSION", "org.example.time-travel/1"),
    ("DUPLICATE_IDS", "BAD_DESCRIPTOR", "two of its stages"),
    ("DUPLICATE_PORTS", "BAD_DESCRIPTOR", "two ports are named 'volume'"),
    ("BAD_UTF8", "BAD_DESCRIPTOR", "not valid UTF-8"), ("BAD_ID", "BAD_DESCRIPTOR", "Not An Id"),
    ("BAD_SCHEMA", "BAD_DESCRIPTOR", "needs a 'type'"),
    ("BAD_DEFAULT", "BAD_DESCRIPTOR", "expected at most 4"),
    ("EACH_AND_ALL", "BAD_DESCRIPTOR", "EACH and ALL"),
    ("NO_PROCESS", "BAD_DESCRIPTOR", "neither process"),
    ("HALF_SOURCE", "BAD_DESCRIPTOR", "enumerate and read"),
    ("BAD_CARDINALITY", "BAD_DESCRIPTOR", "cardinality 9"),
    ("BAD_DTYPE", "BAD_DESCRIPTOR", "float128"), ("BAD_GRID", "BAD_DESCRIPTOR", "nowhere"),
    ("MANY_STAGES", "BAD_DESCRIPTOR", "at most 4096"),
  ])
  func `a plugin that cannot be used is named and skipped`(
    mode: String, code: String, message: String
  ) throws {
    try HostilePlugin.with(mode) { file in
      let registry = HostilePlugin.registry([file, HostilePlugin.fixture])
      #expect(registry.plugins.map(\.descriptor.name) == ["fixture"])
      let problem = try #require(registry.problems.first)
      #expect(registry.problems.count == 1)
      #expect(problem.path == file)
      #expect(problem.code == code)
      #expect(problem.message.contains(message), "\(problem.message)")
    }
  }

  @Test func `a plugin that hangs is stopped`() throws {
    try HostilePlugin.with("HANG") { file in
      let registry = HostilePlugin.registry([file], seconds: 0.5)
      #expect(registry.problems.map(\.code) == ["HANGS"])
    }
  }

  @Test func `files that are no libraries, and no plugins`() throws {
    let folder = try HostilePlugin.temporaryFolder()
    defer { HostilePlugin.remove(folder) }
    let text = folder + "/text.so"
    let handle = try #require(fopen(text, "w"))
    fputs("no library", handle)
    fclose(handle)
    let registry = HostilePlugin.registry([text, "/nowhere/x.so"])
    #expect(registry.problems.map(\.code).sorted() == ["NOT_FOUND", "NOT_LOADABLE"])
  }

  @Test func `a worker that is not there is a named problem`() {
    let registry = PluginRegistry(
      searchPath: PluginSearchPath(only: [HostilePlugin.fixture]),
      scanner: PluginScanner(worker: "/nowhere/pons-worker", cacheFolder: nil))
    #expect(registry.problems.map(\.code) == ["NO_WORKER"])
  }

  @Test func `libraries are told by the plugin, in a process of its own`() throws {
    let registry = HostilePlugin.registry([HostilePlugin.fixture])
    let libraries = try registry.libraries(of: registry.plugins[0].path).get()
    #expect(
      libraries == [
        LibraryInUse("Abacus", version: "3.1", detail: "wood", warning: "a bead is missing")
      ])
    #expect(throws: PluginFault.self) { try registry.libraries(of: "/nowhere/x.so").get() }
  }

  @Test func `descriptors arrive as they were written`() throws {
    let registry = HostilePlugin.registry([HostilePlugin.fixture])
    #expect(registry.problems.isEmpty)
    let plugin = try #require(registry.plugins.first)
    #expect(plugin.descriptor.version == "1.0.0" && plugin.descriptor.build == "test")
    #expect(
      registry.stages.map(\.id) == [
        "fixture.bright-voxels", "fixture.brighten", "fixture.endless", "fixture.filled-boxes",
        "fixture.hot-voxels", "fixture.mean-of-all", "fixture.numbers", "fixture.picky",
        "fixture.plain-slices", "fixture.relay", "fixture.roll-call", "fixture.steps",
      ])
    let brighten = try #require(registry.stage("fixture.brighten"))
    #expect(
      brighten.parameters == [
        ParameterDescriptor("offset", .number, "what to add", defaultValue: 1.0, unit: "HU")
      ])
    #expect(brighten.input("volume")?.elementTypes == [.float32])
    #expect(brighten.output("volume")?.sameGrid == "volume")
    #expect(registry.stage("fixture.numbers")?.isSource == true)
    #expect(registry.stage("fixture.numbers")?.isTransient == true)
  }

  @Test func `an unchanged file is not opened again, a changed one is`() throws {
    let folder = try HostilePlugin.temporaryFolder()
    defer { HostilePlugin.remove(folder) }
    let file = try HostilePlugin.compile("HONEST", in: folder)
    let path = PluginSearchPath(only: [file])
    let cache = folder + "/cache/pons"
    let scanner = PluginScanner(worker: HostilePlugin.worker, cacheFolder: cache)
    let offline = PluginScanner(worker: "/nowhere/pons-worker", cacheFolder: cache)
    #expect(PluginRegistry(searchPath: path, scanner: offline).problems.count == 1)
    #expect(PluginRegistry(searchPath: path, scanner: scanner).stages.count == 1)
    #expect(PluginRegistry(searchPath: path, scanner: offline).stages.count == 1)
    _ = try HostilePlugin.compile("HONEST", id: "hostile.other", in: folder)
    #expect(
      PluginRegistry(searchPath: path, scanner: scanner).stages.map(\.id) == ["hostile.other"])
    // Damage is the same as no cache.
    let handle = try #require(fopen(cache + "/plugins-v3", "r+"))
    fseek(handle, 3, SEEK_SET)
    fputs("\"\"{{{", handle)
    fclose(handle)
    #expect(PluginRegistry(searchPath: path, scanner: offline).problems.count == 1)
    #expect(PluginRegistry(searchPath: path, scanner: scanner).stages.count == 1)
    #expect(PluginRegistry(searchPath: path, scanner: offline).stages.count == 1)
  }

  @Test func `two files with one stage are refused with both paths`() throws {
    let folder = try HostilePlugin.temporaryFolder()
    defer { HostilePlugin.remove(folder) }
    let first = try HostilePlugin.compile("HONEST", name: "a", in: folder)
    let second = try HostilePlugin.compile("RETAINS", name: "b", in: folder)
    let third = try HostilePlugin.compile("HONEST", id: "hostile.third", name: "c", in: folder)
    symlink(third, folder + "/d.so")
    let registry = HostilePlugin.registry([folder])
    #expect(registry.stages.map(\.id) == ["hostile.third"], "a link to the same file is no second")
    #expect(registry.problems.map(\.code) == ["DUPLICATE", "DUPLICATE"])
    #expect(registry.problems.map(\.path) == [first, second])
    #expect(registry.problems[0].message.contains(second))
    #expect(registry.problems[1].message.contains(first))
  }

  @Test func `where plugins are looked for`() throws {
    let folder = try HostilePlugin.temporaryFolder()
    defer { HostilePlugin.remove(folder) }
    mkdir(folder + "/bin", 0o700)
    mkdir(folder + "/lib", 0o700)
    mkdir(folder + "/lib/pons", 0o700)
    mkdir(folder + "/lib/pons/plugins", 0o700)
    mkdir(folder + "/site", 0o700)
    for (place, id) in [
      ("bin/libpons-own", "t.own"), ("bin/libother", "t.other"),
      ("lib/pons/plugins/x", "t.installed"),
      ("site/y", "t.site"), ("z", "t.manifest"),
    ] {
      _ = try HostilePlugin.compile("HONEST", id: id, name: place, in: folder)
    }
    let path = PluginSearchPath(
      executable: folder + "/bin/pons", environment: "\(folder)/site:/nowhere",
      manifest: [folder + "/z.so"])
    let registry = PluginRegistry(
      searchPath: path, scanner: PluginScanner(worker: HostilePlugin.worker, cacheFolder: nil))
    #expect(registry.stages.map(\.id) == ["t.installed", "t.manifest", "t.own", "t.site"])
    #expect(registry.problems.map(\.path) == ["/nowhere"])
  }
}
