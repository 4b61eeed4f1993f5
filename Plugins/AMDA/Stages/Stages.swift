public import PonsKit

/// The stages of this plugin.
public let amdaStages: [any StageType.Type] = [AMDAMask.self]
