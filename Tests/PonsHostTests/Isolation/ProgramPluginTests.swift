import Glibc
import PonsEngine
import PonsHost
import PonsKit
import PonsManifest
import Synchronization
import Testing

/// What is installed beside Pons.
private enum Python {
  static let hasNumPy =
    ChildProcess.run(
      [
        .init(
          executable: "/usr/bin/env",
          arguments: ["python3", "-c", "import numpy, sys; sys.exit(numpy.__version__ < '1')"])
      ], width: 1, seconds: 60)[0].end == .exited(0)
}

/// Plugins that are programs: in Python, by the file that comes with Pons.
extension IsolatedStages {
  @Suite(.enabled(if: Python.hasNumPy, "python3 has no numpy")) struct ProgramPluginTests {
    private static let root = HostilePlugin.folder(
      of: HostilePlugin.folder(
        of: HostilePlugin.folder(of: HostilePlugin.folder(of: #filePath))))

    /// Runs a body with a plugin that has these stages.
    private func with<Result>(_ stages: String, _ body: (String) throws -> Result) throws -> Result
    {
      let folder = try HostilePlugin.temporaryFolder()
      defer { HostilePlugin.remove(folder) }
      try write(
        "\(folder)/stages.py",
        """
        import numpy
        from pons_plugin import *
        plugin = Plugin("mine", version="1.0")
        volume = dict(inputs=[Input("volume", "volume")], outputs=[Output("volume", "volume")])
        \(stages)
        plugin.run()

        """)
      try write("\(folder)/plugin.yaml", "pons: 1\nrun: [python3, stages.py]\n")
      symlink("\(Self.root)/SDK/python/pons_plugin.py", "\(folder)/pons_plugin.py")
      return try body("\(folder)/plugin.yaml")
    }

    private func write(_ path: String, _ text: String) throws {
      let file = try #require(fopen(path, "w"))
      fputs(text, file)
      fclose(file)
    }

    private static let brighten = """
      @plugin.stage("mine.brighten", "adds", **volume)
      class Brighten:
          kept = []
          def __init__(self, parameters, context):
              pass
          def process(self, context, volume):
              out = context.output(
                  "volume", voxels=("float32", volume.voxels.shape), affine=volume.affine,
                  metadata=volume.metadata)
              numpy.add(volume.voxels, numpy.float32(1), out=out.voxels)
              self.remember(volume, out)
          def remember(self, volume, out):
              pass
      """

    @Test(arguments: [2, 64])
    func `a stage in Python computes what one in Swift does, without a copy`(
      edge: Int
    ) throws {
      try with(Self.brighten) { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add(
          "fixture.numbers", isolated: false, parameters: ["edge": .integer(Int64(edge))])
        try graph.add("mine.brighten", isolated: true)
        let before = IsolationCounters.copiedBytes
        #expect(try graph.run("python").exitCode == 0)
        #expect(IsolationCounters.copiedBytes == before)
        graph.replaceLast()
        try graph.add("fixture.brighten", isolated: false)
        #expect(try graph.run("swift").exitCode == 0)
        for name in ["n0", "n1", "n2"] {
          let python = try #require(graph.results("python")["./\(name)/o1.safetensors"])
          let swift = try #require(graph.results("swift")["./\(name)/o1.safetensors"])
          // Behind the headers, which hold identities.
          #expect(python.suffix(edge * edge * edge * 4) == swift.suffix(edge * edge * edge * 4))
        }
      }
    }

    @Test func `arrays that a stage keeps cost a copy, and nothing else`() throws {
      let keeping = Self.brighten.replacing(
        "def remember(self, volume, out):\n        pass",
        with: "def remember(self, volume, out):\n        self.kept += [volume.voxels, out.voxels]")
      try with(keeping) { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add("fixture.numbers", isolated: false, parameters: ["edge": 64])
        try graph.add("mine.brighten", isolated: true)
        #expect(try graph.run().exitCode == 0)
        let notices = graph.events.list.withLock { events in
          events.count { event in
            if case .log(.notice, _, _, "OUTPUT_KEPT", _) = event { return true }
            return false
          }
        }
        #expect(notices == 3)
      }
    }

    @Test func `what goes wrong in Python is told`() throws {
      try with(
        """
        @plugin.stage("mine.refuse", "refuses", **volume)
        class Refuse:
            def __init__(self, parameters, context):
                pass
            def process(self, context, volume):
                if context.seed % 2 >= 0 and volume.case == "n0":
                    raise BadInput("too dark", "DARK", hint="use a lamp", port="volume")
                if volume.case == "n1":
                    volume.voxels[0] = 1
                context.forward(volume, "nowhere")
        """
      ) { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add("fixture.numbers", isolated: false, parameters: ["edge": 32])
        try graph.add("mine.refuse", isolated: true)
        let cases = try graph.run().cases
        #expect(cases.map(\.code) == ["DARK", "EXCEPTION", "UNKNOWN_PORT"])
        #expect(cases[0].hint == "use a lamp" && cases[0].reason == "too dark")
        #expect(cases[1].reason?.hasPrefix("ValueError in stages.py, line") == true)
      }
    }

    @Test func `sources, and stages that see all cases`() throws {
      try with(
        """
        @plugin.stage("mine.count", "counts", outputs=[Output("volume", "volume")],
                      parameters=[Parameter("cases", "integer", default=3, minimum=0)])
        class Count:
            def __init__(self, parameters, context):
                self.cases = parameters["cases"]
            def enumerate(self, context):
                for case in range(self.cases):
                    context.add_case(f"c{case}", public=True, fingerprint=str(case))
            def read(self, context, name):
                context.output(
                    "volume", voxels=numpy.full((3, 3, 3), int(name[1:]), "int16"),
                    affine=numpy.eye(4), metadata={"modality": "CT"})

        @plugin.stage("mine.sum", "adds up", inputs=[Input("volume", "volume", cardinality="all")],
                      outputs=[Output("table", "table", cardinality="one")])
        class Sum:
            def __init__(self, parameters, context):
                pass
            def process(self, context, volume):
                total = sum(int(packet.voxels.sum()) for packet in volume)
                context.output("table", sum=numpy.array([total], "int64"),
                               metadata={"columns": [{"name": "sum", "type": "integer"}], "n": len(volume)})
        """
      ) { file in
        let graph = try IsolatedGraph(plugins: [file])
        try graph.add("mine.count", isolated: true, parameters: ["cases": 4])
        try graph.add("mine.sum", isolated: true)
        #expect(try graph.run().exitCode == 0)
        let table = try #require(graph.results()["./o1.safetensors"])
        #expect(table.suffix(8) == [UInt8(27 * 6), 0, 0, 0, 0, 0, 0, 0])
      }
    }

    @Test func `the example is checked like every plugin`() {
      let report = ConformanceSuite(
        file: "\(Self.root)/Examples/filter-python/plugin.yaml", worker: HostilePlugin.worker
      ).run()
      #expect(report.isPassed, "\(report.lines.filter { $0.outcome == .failed })")
      #expect(report.lines.count { $0.outcome == .passed } >= 10, "\(report.lines)")
    }

    @Test(arguments: [
      ("run: [python3]", "no key 'pons'"), ("pons: 1", "does not say what to run"),
      ("pons: 1\nran: [x]", "did you mean 'run'"),
      ("pons: 1\nrun: []", "names no program"), ("pons: 1\nrun: [a, [b]]", "must be a text"),
      ("pons: 1\nrun: [no-such-program]", "is not in PATH"),
      ("pons: 1\nrun: [/bin/true]", "exit code 0"),
      ("pons: 1\nrun: [/bin/cat, /nowhere]", "exit code 1"),
      ("pons: 1\nrun: [sh, -c, 'echo hello >&3']", "broke the protocol"), (":", ""),
    ])
    func `a description that is wrong is named`(text: String, problem: String) throws {
      let folder = try HostilePlugin.temporaryFolder()
      defer { HostilePlugin.remove(folder) }
      try write(folder + "/plugin.yaml", text)
      let registry = HostilePlugin.registry([folder])
      #expect(registry.plugins.isEmpty && registry.problems.count == 1)
      let message = registry.problems.first?.message ?? ""
      #expect(message.contains(problem), "\(message)")
    }

    @Test func `a program is asked again when one of its files changes, and cannot run inside`()
      throws
    {
      try with(Self.brighten) { file in
        let folder = HostilePlugin.folder(of: file)
        let scanner = PluginScanner(worker: HostilePlugin.worker, cacheFolder: folder + "/.cache")
        let offline = PluginScanner(worker: "/nowhere/pons-worker", cacheFolder: folder + "/.cache")
        let path = PluginSearchPath(only: [folder])
        let registry = PluginRegistry(searchPath: path, scanner: scanner)
        #expect(registry.stages.map(\.id) == ["mine.brighten"])
        #expect(PluginRegistry(searchPath: path, scanner: offline).stages.count == 1)
        let failure = #expect(throws: StageFailure.self) {
          _ = try registry.provider(for: "mine.brighten")
        }
        #expect(failure?.code == "NEEDS_PROCESS")
        try write("\(folder)/other.txt", "more")
        #expect(PluginRegistry(searchPath: path, scanner: offline).stages.isEmpty)
      }
    }
  }
}
