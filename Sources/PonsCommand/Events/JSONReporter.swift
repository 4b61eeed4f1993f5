package import PonsEngine
internal import PonsKit

/// Writes every event as one line of canonical JSON.
package struct JSONReporter: RunReporter {
  private let console: Console

  /// Writes events as results to a console.
  package init(console: Console) { self.console = console }

  package func handle(_ event: RunEvent) { console.print(event.json.canonical) }

  package func note(_ text: String) { console.error.write(text + "\n") }

  package func close() {}
}
