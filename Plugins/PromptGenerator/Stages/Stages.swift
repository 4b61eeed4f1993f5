public import PonsKit

/// The stages of this plugin.
public let promptStages: [any StageType.Type] = [
  PromptsFromROI.self, PromptsFromMask.self, PromptsOfWholeImage.self, PromptsFromJSON.self,
]
