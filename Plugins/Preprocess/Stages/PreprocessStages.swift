public import PonsKit

/// The stages of this plugin.
public let preprocessStages: [any StageType.Type] = []
