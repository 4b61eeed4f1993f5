internal import PonsKit

extension GraphBuilder {
  /// Ground truth on its way: the ports it came through, and whether it has been reported already.
  private struct Taint {
    var way: [String]
    var isReported: Bool
  }

  /// Follows ground truth along the edges; with `unsupervised: true` it may enter evaluation and terminal stages only.
  mutating func followGroundTruth() {
    var taints: [Int: Taint] = [:]
    for index in order {
      guard let descriptor = stages[index].descriptor else { continue }
      let name = stages[index].declaration.name
      var arriving: Taint?
      for edge in incoming[index] ?? [] {
        let output = "\(stages[edge.producer].declaration.name).\(edge.output.name)"
        var taint: Taint
        if let earlier = taints[edge.producer] {
          taint = Taint(way: earlier.way + [output], isReported: earlier.isReported)
        } else if edge.output.isGroundTruth {
          taint = Taint(way: [output], isReported: false)
        } else {
          continue
        }
        let isAllowed = edge.input.isGroundTruth || descriptor.isTerminal
        if manifest.document.isUnsupervised, !isAllowed {
          if !taint.isReported { report(taint.way + ["\(name).\(edge.input.name)"], edge) }
          taint.isReported = true
        }
        if arriving == nil || arriving?.isReported == true { arriving = taint }
      }
      taints[index] = arriving
      stages[index].carriesGroundTruth =
        arriving != nil || descriptor.outputs.contains(where: \.isGroundTruth)
    }
  }

  private mutating func report(_ way: [String], _ edge: Edge) {
    findings.error(
      edge.location,
      "ground truth would reach '\(way.last ?? "")', which 'unsupervised: true' forbids: \(way.joined(separator: " -> "))",
      hint: "ground truth may end in evaluation and in terminal stages (writers, reports) only")
  }
}
