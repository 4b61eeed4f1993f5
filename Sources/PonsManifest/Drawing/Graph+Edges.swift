internal import PonsKit

extension Graph {
  /// An edge as drawings show it.
  struct DrawnEdge: Hashable {
    var from: Int
    var output: String
    var to: Int
    var input: String
    /// `each`, `all` or `once`.
    var cardinality: InputCardinality
    var kind: String
    var carriesGroundTruth: Bool
  }

  /// All edges, in the order of the consuming stages.
  var drawnEdges: [DrawnEdge] {
    let taken = takesGroundTruth
    return stages.enumerated().flatMap { index, stage in
      stage.inputs.map { input in
        let port = stage.descriptor.input(input.port)
        var cardinality = InputCardinality.each
        if case .input(let flow) = port?.flow { cardinality = flow }
        let output = stages[input.stage].descriptor.output(input.output)
        return DrawnEdge(
          from: input.stage, output: input.output, to: index, input: input.port,
          cardinality: cardinality, kind: output?.kind ?? port?.kind ?? "",
          carriesGroundTruth: taken[input.stage] || output?.isGroundTruth == true)
      }
    }
  }

  /// Whether what leaves an output port is ground truth, or made from it.
  ///
  /// - Parameter stage: index in ``stages``.
  public func carriesGroundTruth(stage: Int, output: String) -> Bool {
    stages[stage].descriptor.output(output)?.isGroundTruth == true
      || takesGroundTruth[stage]
  }

  /// For each stage, whether ground truth comes in, so that all of its outputs carry it.
  private var takesGroundTruth: [Bool] {
    var result: [Bool] = []
    for stage in stages {
      result.append(
        stage.inputs.contains { input in
          result[input.stage]
            || stages[input.stage].descriptor.output(input.output)?.isGroundTruth == true
        })
    }
    return result
  }
}
