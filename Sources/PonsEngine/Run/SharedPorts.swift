internal import PonsKit
internal import PonsManifest

/// Which outputs of a graph are made in memory that other processes can map: fresh pages of such memory cost more, so only
/// what goes to or comes from a worker lies there.
struct SharedPorts {
  /// By stage and output port; ports that are not listed are not shared.
  let ports: [[String: BufferSharing]]

  /// - Parameter isIsolated: for every stage of the graph, whether it runs in a process of its own.
  init(_ graph: Graph, isIsolated: [Bool]) {
    var ports = graph.stages.map { _ in [String: BufferSharing]() }
    // From the outputs to the sources: a stage in this process may forward what it gets to one that is not.
    for index in graph.stages.indices.reversed() {
      for output in graph.stages[index].descriptor.outputs {
        if isIsolated[index] {
          ports[index][output.name] = .filled
          continue
        }
        let reachesWorker = graph.stages.indices.contains { consumer in
          let takes = graph.stages[consumer].inputs.contains {
            $0.stage == index && $0.output == output.name
          }
          return takes
            && (isIsolated[consumer]
              || graph.stages[consumer].descriptor.outputs.contains {
                $0.kind == output.kind && ports[consumer][$0.name] != nil
              })
        }
        if reachesWorker { ports[index][output.name] = .lent }
      }
    }
    self.ports = ports
  }
}
