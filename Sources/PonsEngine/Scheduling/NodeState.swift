internal import PonsKit

/// What changes about a node while the graph runs; guarded by the scheduler.
struct NodeState {
  /// A case that some EACH ports have, and others not yet; by port position.
  var joins: [Int: [Int: Arrival]] = [:]
  /// Cases that are complete and wait for a ONCE port.
  var awaitingOnce: [(caseIndex: Int, arrivals: [Int: Arrival])] = []
  /// What arrived at ONCE ports; nil for an optional output that was not sent.
  var once: [Int: PacketSlot?] = [:]
  /// What arrived at ALL ports, by port position and case.
  var gathered: [Int: [Int: Arrival]] = [:]
  /// EACH and ALL ports whose producer may still send.
  var openPorts: Int
  /// Calls that may be made now.
  var ready = Queue<Execution>()
  var running = 0
  /// A source has not been asked for its cases yet.
  var mustEnumerate: Bool
  var hasFired = false
  var isFinished = false
  /// Cases that it made, by output port.
  var newCases: [String: Set<Int>] = [:]
  /// INTERNAL failures in a row.
  var internalFailures = 0
  /// The most bytes that one read of a source has brought.
  var largestRead = 0
  /// Cases that arrived, and those that are behind it.
  var arrived = 0
  var settled = 0
  var summary: StageSummary
}

/// First in, first out, without moving what waits.
struct Queue<Element> {
  private var elements: [Element?] = []
  private var head = 0

  var isEmpty: Bool { head == elements.count }
  var count: Int { elements.count - head }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    let first = elements[head]
    elements[head] = nil
    head += 1
    if head > 64, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return first
  }
}
