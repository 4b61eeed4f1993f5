public import PonsKit

/// The stages of this plugin.
public let reportStages: [any StageType.Type] = [ReportHTML.self]
