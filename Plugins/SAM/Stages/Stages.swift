public import PonsKit

/// The stages of this plugin.
public let samStages: [any StageType.Type] = [SAMSegment.self]
