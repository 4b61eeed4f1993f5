import DICOM
import Glibc
import PonsKit
import Synchronization
import Testing

/// Jobs that fail, hang or are cancelled.
@Suite struct DecoderCrewTests {
  @Test(arguments: [1, 3, 100]) func `every job runs once`(threads: Int) throws {
    let sums = Mutex([Int](repeating: 0, count: 50))
    try DecoderCrew.run(50, threads: threads, limit: 60, progress: { _ in }) { index, handover in
      handover { sums.withLock { $0[index] += 1 } }
    }
    #expect(sums.withLock { $0 } == [Int](repeating: 1, count: 50))
  }

  @Test func `no jobs are no work`() throws {
    try DecoderCrew.run(0, threads: 2, limit: 1, progress: { _ in }) { _, _ in }
  }

  @Test func `the failure of the first job counts, whichever comes first`() {
    let failed = failure {
      try DecoderCrew.run(8, threads: 8, limit: 60, progress: { _ in }) { index, _ in
        usleep(UInt32(8 - index) * 10_000)
        throw StageFailure(.badInput, code: "N\(index)", "")
      }
    }
    #expect(failed?.code == "N0")
  }

  private struct State {
    var isReleased = false
    var isOver = false
    var wrote = false
  }

  private final class Shared: Sendable {
    let state = Mutex(State())
    var now: State { state.withLock { $0 } }
  }

  /// What hangs is left alone, and cannot write any more.
  @Test func `a job that hangs is named, and loses its memory`() throws {
    let shared = Shared()
    var late: Int?
    do {
      try DecoderCrew.run(4, threads: 2, limit: 0.3, progress: { _ in }) { index, handover in
        if index != 2 { return }
        while !shared.now.isReleased { usleep(1000) }
        handover { shared.state.withLock { $0.wrote = true } }
        shared.state.withLock { $0.isOver = true }
      }
    } catch let timeout as DecoderCrew.JobTimeout {
      late = timeout.index
    }
    #expect(late == 2)
    shared.state.withLock { $0.isReleased = true }
    for _ in 0..<5000 where !shared.now.isOver { usleep(1000) }
    let state = shared.now
    #expect(state.isOver && !state.wrote)
  }

  @Test func `what progress throws ends the work`() {
    struct Cancelled: Error {}
    let done = Mutex(0)
    #expect(throws: Cancelled.self) {
      try DecoderCrew.run(1000, threads: 2, limit: 60, progress: { _ in throw Cancelled() }) {
        _, _ in
        usleep(20_000)
        done.withLock { $0 += 1 }
      }
    }
    #expect(done.withLock { $0 } < 1000)
  }
}

/// The failure that a body throws.
func failure(_ body: () throws -> Void) -> StageFailure? {
  do {
    try body()
    return nil
  } catch { return error as? StageFailure }
}
