public import PonsKit

/// The stages of this plugin.
public let caseStages: [any StageType.Type] = [SeriesSelect.self, CasesMap.self, SplitCases.self]
