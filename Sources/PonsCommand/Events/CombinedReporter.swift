package import PonsEngine

/// Shows a run in several ways.
package struct CombinedReporter: RunReporter {
  private let reporters: [any RunReporter]

  /// Shows a run in all these ways.
  package init(_ reporters: [any RunReporter]) { self.reporters = reporters }

  package func start() { for reporter in reporters { reporter.start() } }

  package func handle(_ event: RunEvent) { for reporter in reporters { reporter.handle(event) } }

  package func note(_ text: String) { for reporter in reporters { reporter.note(text) } }

  package func close() { for reporter in reporters { reporter.close() } }
}
