public import PonsKit

/// The stages of this plugin.
public let niftiStages: [any StageType.Type] = [NIfTIRead.self, NIfTIWrite.self]
