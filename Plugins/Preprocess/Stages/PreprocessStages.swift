public import PonsKit

/// The stages of this plugin.
public let preprocessStages: [any StageType.Type] = [
  Reorient.self, Resample.self, BrainMask.self, LungMask.self, Normalize.self, RestoreGrid.self,
  ToMask.self,
]
