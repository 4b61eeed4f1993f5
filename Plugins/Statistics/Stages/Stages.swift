public import PonsKit

/// The stages of this plugin.
public let statisticsStages: [any StageType.Type] = [
  ThresholdFilter.self, VolumeStatistics.self, TableWrite.self,
]
