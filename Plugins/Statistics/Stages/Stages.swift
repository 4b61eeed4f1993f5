public import PonsKit

/// The stages of this plugin.
public let statisticsStages: [any StageType.Type] = [
  ThresholdFilter.self, VolumeMeasure.self, VolumeStatistics.self, TableWrite.self,
]
