public import PonsKit

/// The stages of this plugin.
public let roiStages: [any StageType.Type] = [CAMROI.self, ROIBright.self]
