extension GraphBuilder {
  /// Sorts the stages so that inputs come from earlier ones; of those that could come next, the first in the file does.
  /// Reports every cycle.
  mutating func sortTopologically() {
    let producers = incoming.mapValues { Set($0.map(\.producer)) }
    var consumers: [Int: [Int]] = [:]
    for (consumer, from) in producers {
      for producer in from { consumers[producer, default: []].append(consumer) }
    }
    var missing = stages.indices.map { producers[$0]?.count ?? 0 }
    var remaining = Set(stages.indices)
    // Descending, so that the next one is at the end.
    var ready = stages.indices.filter { missing[$0] == 0 }.reversed().map { $0 }
    while !remaining.isEmpty {
      let emitted: [Int]
      if let next = ready.popLast() {
        emitted = [next]
      } else {
        emitted = cycle(among: remaining, producers)
        report(emitted)
      }
      order += emitted
      remaining.subtract(emitted)
      for index in emitted {
        for consumer in consumers[index] ?? [] {
          missing[consumer] -= 1
          if missing[consumer] == 0, remaining.contains(consumer) {
            ready.append(consumer)
          }
        }
      }
      ready.sort(by: >)
    }
  }

  /// A cycle in the direction of the packets, beginning with the stage that is first in the file. Every stage that remains
  /// waits for another one that remains, so walking back must come around.
  private func cycle(among remaining: Set<Int>, _ producers: [Int: Set<Int>]) -> [Int] {
    var way: [Int] = []
    var current = remaining.min()
    while let index = current {
      if let start = way.firstIndex(of: index) {
        let cycle = Array(way[start...].reversed())
        let first = cycle.indices.min { cycle[$0] < cycle[$1] } ?? 0
        return Array(cycle[first...] + cycle[..<first])
      }
      way.append(index)
      current = producers[index]?.intersection(remaining).min()
    }
    return Array(remaining.sorted())
  }

  private mutating func report(_ cycle: [Int]) {
    guard let first = cycle.first, let last = cycle.last else { return }
    let names = (cycle + [first]).map { stages[$0].declaration.name }
    let place = incoming[first]?.first { $0.producer == last }?.location
    findings.error(
      place ?? stages[first].declaration.location,
      "the stages form a cycle: \(names.joined(separator: " -> "))",
      hint: "packets flow one way: remove one of these connections")
  }
}
