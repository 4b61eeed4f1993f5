import Glibc
import PonsEngine
import PonsHost
import PonsKit
import PonsManifest
import Synchronization
import Testing

/// Stages in processes of their own: the same results, and what they do wrong costs a case.
extension IsolatedStages {
  @Suite struct IsolationTests {
    @Test(arguments: [[true, true, true], [true, false, true], [false, true, false]])
    func `results are the same, bit for bit`(isolated: [Bool]) throws {
      let graph = try IsolatedGraph(plugins: [HostilePlugin.fixture])
      try graph.add("fixture.numbers", isolated: false, parameters: ["count": 5])
      try graph.add("fixture.brighten", isolated: false, parameters: ["offset": 0.1])
      try graph.add("fixture.mean-of-all", isolated: false)
      #expect(try graph.run("here").exitCode == 0)
      for (stage, isIsolated) in isolated.enumerated() {
        graph.stages[stage].isolation.isIsolated = isIsolated
      }
      #expect(try graph.run("there").exitCode == 0)
      let here = try graph.results("here")
      #expect(here.count == 11)
      #expect(try graph.results("there") == here)
    }

    @Test func `large packets cross without a copy, also through stages that forward`() throws {
      let graph = try IsolatedGraph(plugins: [HostilePlugin.fixture])
      for (id, isolated) in [
        ("fixture.numbers", true), ("fixture.relay", false), ("fixture.brighten", true),
        ("fixture.brighten", false), ("fixture.relay", false), ("fixture.brighten", true),
      ] {
        try graph.add(
          id, isolated: isolated, parameters: id == "fixture.numbers" ? ["edge": 64] : [:])
      }
      let before = IsolationCounters.copiedBytes
      #expect(try graph.run().exitCode == 0)
      #expect(IsolationCounters.copiedBytes == before)
      for stage in graph.stages.indices { graph.stages[stage].isolation.isIsolated = false }
      #expect(try graph.run("here").exitCode == 0)
      #expect(try graph.results() == graph.results("here"))
    }

    @Test(arguments: [
      ("SEGFAULTS", "WORKER_CRASHED", "signal 11"), ("TRAPS", "WORKER_CRASHED", "signal 4"),
      ("ABORTS", "WORKER_CRASHED", "signal 6"), ("EXITS", "WORKER_CRASHED", "exit code 7"),
      ("SLEEPS", "TIME_LIMIT", "longer than 1 s"), ("SPINS", "CPU_LIMIT", "longer than 1 s"),
      ("ALLOCATES", "MEMORY_LIMIT", "more than 64 MiB"),
      ("SHARES_MEMORY", "MEMORY_LIMIT", "more than 64 MiB"),
      ("WRITES_GARBAGE", "WORKER_PROTOCOL", "announces"),
      ("CLOSES_SOCKET", "WORKER_CRASHED", ""), ("OVERRUNS", "WORKER_CRASHED", "signal"),
      ("WRITES_LENT", "WORKER_CRASHED", "signal 11"),
      ("LEAVES_CHILD", "WORKER_CRASHED", "signal 6"), ("ENDS_HOST", "WORKER_CRASHED", "signal 6"),
    ])
    func `what a process does wrong costs its case, and the run goes on`(
      mode: String, code: String, message: String
    ) throws {
      try HostilePlugin.with(mode) { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        // The packets of this case are small, or large enough to be lent.
        try graph.add(
          "fixture.numbers", isolated: false,
          parameters: ["edge": mode == "WRITES_LENT" ? 64 : 2])
        try graph.add(
          "hostile.stage", isolated: true, seconds: mode == "SLEEPS" ? 1 : 30,
          cpuSeconds: mode == "SPINS" ? 1 : nil, memory: 64)
        let summary = try graph.run()
        #expect(ProcessState.isClean(graph.folder), "everything that was started is gone")
        #expect(summary.exitCode == 3)
        #expect(summary.cases.map(\.status) == [.done, .quarantined, .done])
        let failed = summary.cases[1]
        #expect(failed.code == code)
        #expect(failed.reason?.contains(message) == true, "\(failed.reason ?? "")")
      }
    }

    @Test(arguments: [
      ("UNDESCRIBED", "UNDESCRIBED"), ("UNKNOWN_STATUS", "BAD_STATUS"), ("DESCRIBES", "BAD_INPUT"),
      ("PASSES_REFUSAL", "NO_SUCH_INPUT"), ("BAD_METADATA", "PLUGIN_MISTAKE"),
      ("UNKNOWN_OUTPUT", "UNKNOWN_PORT"), ("HUGE_TENSOR", "OUT_OF_MEMORY"), ("GROWS", "BAD_SHAPE"),
      ("SEALS_TWICE", "NOT_CANCELLED"),
    ])
    func `what is contained in this process is told alike`(mode: String, code: String) throws {
      try HostilePlugin.with(mode) { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add("fixture.numbers", isolated: false, parameters: ["count": 1])
        try graph.add("hostile.stage", isolated: false)
        let here = try graph.run("here").cases[0]
        graph.stages[1].isolation.isIsolated = true
        let there = try graph.run("there").cases[0]
        #expect(here.status == .quarantined && here.code == code)
        #expect(here == there)
      }
    }

    @Test func `numbers that are none go on as they are`() throws {
      try HostilePlugin.with("SENDS_NAN") { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add("fixture.numbers", isolated: false, parameters: ["count": 1])
        try graph.add("hostile.stage", isolated: true)
        // The affine of this packet is never written: only the stage's own voxels are compared.
        #expect(try graph.run().cases.map(\.status) == [.done])
      }
    }

    @Test func `a call is tried again as often as declared, in a new process`() throws {
      try HostilePlugin.with("ABORTS") { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add("fixture.numbers", isolated: false)
        try graph.add("hostile.stage", isolated: true, retries: 2)
        let summary = try graph.run()
        #expect(summary.cases.map(\.status) == [.done, .quarantined, .done])
        let attempts = graph.events.list.withLock { events in
          events.count { event in
            if case .log(_, _, "n1", "WORKER_CRASHED", _) = event { return true }
            return false
          }
        }
        #expect(attempts == 2)
      }
    }

    @Test func `a process that crashes when a stage is made stops the run with a reason`() throws {
      try HostilePlugin.with("CREATE_CRASHES") { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add("fixture.numbers", isolated: false)
        try graph.add("hostile.stage", isolated: true)
        let summary = try graph.run()
        guard case .stopped(_, let failure) = summary.ending else {
          Issue.record("the run was not stopped")
          return
        }
        #expect(failure.code == "WORKER_CRASHED")
      }
    }

    @Test func `a retained packet outlives its call in a process of its own`() throws {
      try HostilePlugin.with("RETAINS") { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add("fixture.numbers", isolated: false, parameters: ["count": 8, "edge": 32])
        try graph.add("hostile.stage", isolated: true)
        #expect(try graph.run().exitCode == 0)
      }
    }

    @Test func `cancelling kills at once`() throws {
      try HostilePlugin.with("SLEEPS") { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add("fixture.numbers", isolated: false)
        try graph.add("hostile.stage", isolated: true, seconds: 600)
        let run = try graph.makeRun()
        let folder = graph.folder
        let watcher = EngineThread("canceller") {
          while ProcessState.workers(of: folder) == 0 { usleep(1000) }
          usleep(300_000)
          run.cancel()
        }
        let clock = ContinuousClock()
        let start = clock.now
        let summary = try run.start()
        watcher.join()
        #expect(summary.exitCode == 130)
        // Not the ten minutes that the stage may take.
        #expect(clock.now - start < .seconds(60))
        #expect(ProcessState.isClean(graph.folder))
      }
    }

    @Test func `nothing is left open or uncollected`() throws {
      try HostilePlugin.with("ABORTS") { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add("fixture.numbers", isolated: true, parameters: ["count": 3, "edge": 48])
        try graph.add("hostile.stage", isolated: true, retries: 10)
        _ = try graph.run("first")
        let before = ProcessState.openDescriptors
        _ = try graph.run("second")
        #expect(ProcessState.openDescriptors == before)
        #expect(ProcessState.isClean(graph.folder))
      }
    }

    @Test func `a process of its own can do little else`() throws {
      let parts = try #require(Sandbox.available(worker: HostilePlugin.worker))
      try #require(parts.contains(.files) && parts.contains(.calls), "this kernel gives \(parts)")
      try HostilePlugin.with("LOOKS_AROUND") { file in
        let graph = try IsolatedGraph(plugins: [file, HostilePlugin.fixture])
        try graph.add("fixture.numbers", isolated: false, parameters: ["count": 1])
        try graph.add("hostile.stage", isolated: true)
        #expect(try graph.run().cases[0].reason == "found 0")
      }
    }
  }
}
