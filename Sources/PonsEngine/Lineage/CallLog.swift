internal import Glibc
internal import PonsKit
internal import Synchronization

/// A call of a run, as its log has it: what was called for which case, under which key, and how that went.
struct LoggedCall: Sendable, Hashable {
  enum Outcome: Sendable, Hashable {
    case made
    case reused
    /// It failed with this code; there is no record.
    case failed(String)
  }

  /// Position of the stage in the run's record.
  var stage: Int
  var caseKey: String?
  var key: String
  var outcome: Outcome
  /// Time of the call, when it was made.
  var seconds: Double
  /// Bytes that its results take in the store.
  var bytes: Int
}

/// The calls of one run in `WORK/runs/<run>.calls`: a line each, appended by this run alone.
///
///     stage  case or -  key or -  made, reused or failed:CODE  seconds  bytes
///
/// Fields are separated by tabs. A line that a power cut left incomplete is passed over.
final class CallLog: Sendable {
  private struct State {
    var waiting: [UInt8] = []
    var descriptor: Int32 = -1
  }

  private let path: String
  private let state = Mutex(State())

  init(path: String) { self.path = path }

  deinit { state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } } }

  /// Adds a call; it is written by ``flush()``.
  func append(_ call: LoggedCall) {
    var line = "\(call.stage)\t\(call.caseKey ?? "-")\t\(call.key)\t"
    switch call.outcome {
    case .made: line += "made"
    case .reused: line += "reused"
    case .failed(let code): line += "failed:\(code)"
    }
    line += "\t\(call.seconds)\t\(call.bytes)\n"
    state.withLock { $0.waiting.append(contentsOf: line.utf8) }
  }

  /// Writes what was added. A failure to write is thrown once; the lines are tried again with the next ones.
  func flush() throws {
    try state.withLock { state in
      if state.waiting.isEmpty { return }
      if state.descriptor < 0 {
        state.descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        if state.descriptor < 0 { throw SystemFailure.resource("open", path: path) }
      }
      try state.waiting.withUnsafeBytes {
        try FileSystem.write($0, to: state.descriptor, name: path)
      }
      state.waiting.removeAll(keepingCapacity: true)
    }
  }

  /// The calls in a log, in the order in which they ended.
  static func read(_ path: String) -> [LoggedCall] {
    guard let bytes = try? FileSystem.read(path, limit: 1 << 34) else { return [] }
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap(LoggedCall.init)
  }
}

extension LoggedCall {
  fileprivate init?(_ line: ArraySlice<UInt8>) {
    let fields = line.split(
      separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false
    ).map { String(decoding: $0, as: UTF8.self) }
    guard fields.count == 6, let stage = Int(fields[0]), let seconds = Double(fields[4]),
      let bytes = Int(fields[5]), fields[2] == "-" || fields[2].utf8.count == 64
    else { return nil }
    let outcome: Outcome
    switch fields[3] {
    case "made": outcome = .made
    case "reused": outcome = .reused
    case let text where text.hasPrefix("failed:"): outcome = .failed(String(text.dropFirst(7)))
    default: return nil
    }
    self.init(
      stage: stage, caseKey: fields[1] == "-" ? nil : fields[1], key: fields[2], outcome: outcome,
      seconds: seconds, bytes: bytes)
  }
}
