public import PonsKit

/// The stages of this plugin.
public let clipLabelerStages: [any StageType.Type] = [ClipLabel.self]
