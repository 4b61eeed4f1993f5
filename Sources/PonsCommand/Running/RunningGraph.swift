package import PonsEngine

/// A run that was prepared. The engine's is the only one outside tests.
package protocol RunningGraph: Sendable {
  /// Runs, and returns when all is over. Once.
  func start() throws -> RunSummary
  /// Asks the run to end soon. Any thread, any time.
  func cancel()
}
