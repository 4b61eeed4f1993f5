import Glibc
import PonsEngine
import PonsKit
import Testing

@Suite struct CancellationTests {
  /// Runs a graph whose stage works in slices, cancels it in the middle, and answers summary and seconds.
  private func cancelled(listening: Bool) throws -> (TestGraph, RunSummary, Double) {
    let graph = try TestGraph()
    try graph.add("read", source((0..<50).map { "c\($0)" }))
    let slow = TestStage(.test("test.slow", in: [.input("in")], out: [.output("out")])) { call in
      let value = try call.value()
      if value > 4 {
        for step in 0..<200 {
          usleep(10_000)
          if listening, call.progress(Double(step) / 200, "slow") {
            throw StageFailure(.cancelled, "asked to stop")
          }
        }
      }
      try call.send(value)
    }
    try graph.add("slow", slow, ["in": "read.out"])
    try graph.declare("value", "slow.out")
    let run = graph.makeRun()
    let canceller = TestThread {
      usleep(300_000)
      run.cancel()
    }
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let start = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    let summary = try run.start()
    clock_gettime(CLOCK_MONOTONIC, &time)
    canceller.join()
    return (graph, summary, Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9 - start - 0.3)
  }

  @Test(arguments: [true, false])
  func `a cancelled run ends soon, keeps what is finished and leaves nothing half-written`(
    listening: Bool
  ) throws {
    let (graph, summary, _) = try cancelled(listening: listening)
    #expect(summary.ending == .cancelled)
    #expect(summary.exitCode == 130)
    #expect(summary.cases.count == 50)
    let done = summary.cases.filter { $0.status == .done }
    #expect(done.count >= 1 && done.count < 10)
    #expect(
      summary.cases.filter { $0.status == .quarantined }.allSatisfy { $0.code == "CANCELLED" })
    let published = files(below: graph.output)
    #expect(published.filter { $0.hasSuffix(".safetensors") } == done.flatMap(\.outputs).sorted())
    #expect(!published.contains { $0.contains("staging") || $0.hasSuffix(".tmp") })
    #expect(published.contains("summary.json"))
    // A call that does not listen must not hold the run; let it end before its folder goes.
    if !listening { usleep(2_000_000) }
  }
}
