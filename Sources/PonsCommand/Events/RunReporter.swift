package import PonsEngine

/// Shows a run while it runs. Events come from threads of the engine, one at a time.
package protocol RunReporter: Sendable {
  /// The run is about to begin.
  func start()
  /// Takes an event.
  func handle(_ event: RunEvent)
  /// Says something to people, between events.
  func note(_ text: String)
  /// Leaves the terminal as it was found; nothing comes afterwards.
  func close()
}

extension RunReporter {
  package func start() {}
}
