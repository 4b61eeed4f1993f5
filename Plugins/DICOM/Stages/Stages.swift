public import PonsKit

/// The version of this plugin, which segmentations name as that of the software that made them.
public let dicomVersion = "1.0.0"

/// The stages of this plugin.
public let dicomStages: [any StageType.Type] = [
  DICOMRead.self, DICOMWrite.self, DICOMWriteSegmentation.self,
]
