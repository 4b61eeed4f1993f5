extension GraphBuilder {
  /// Sorts the stages so that inputs come from earlier ones; of those that could come next, the first in the file does.
  /// Reports every cycle.
  mutating func sortTopologically() {
    var remaining = Set(stages.indices)
    let producers = Dictionary(grouping: edges, by: \.consumer).mapValues {
      Set($0.map(\.producer))
    }
    func isReady(_ index: Int) -> Bool {
      producers[index].map { $0.isDisjoint(with: remaining) } ?? true
    }
    while !remaining.isEmpty {
      if let next = remaining.sorted().first(where: isReady) {
        remaining.remove(next)
        order.append(next)
      } else {
        let cycle = cycle(among: remaining, producers)
        report(cycle)
        remaining.subtract(cycle)
        order += cycle
      }
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
    let place = edges.first { $0.consumer == first && $0.producer == last }?.location
    findings.error(
      place ?? stages[first].declaration.location,
      "the stages form a cycle: \(names.joined(separator: " -> "))",
      hint: "packets flow one way: remove one of these connections")
  }
}
