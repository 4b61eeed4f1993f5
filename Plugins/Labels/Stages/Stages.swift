public import PonsKit

/// The stages of this plugin.
public let labelStages: [any StageType.Type] = [LabelsFromTable.self, LabelsFromDICOM.self]
