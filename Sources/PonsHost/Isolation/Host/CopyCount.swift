internal import Synchronization

/// Counts bytes.
package final class CopyCount: Sendable {
  private let count = Atomic<Int>(0)

  package var value: Int { count.load(ordering: .relaxed) }
  func add(_ bytes: Int) { count.add(bytes, ordering: .relaxed) }
}
