public import PonsKit

/// The stages of this plugin.
public let evaluateStages: [any StageType.Type] = [
  EvaluateMasks.self, EvaluateCohort.self, EvaluateSliceLabels.self, EvaluateAgreement.self,
]
