public import PonsKit

/// The stages of this plugin.
public let dicomStages: [any StageType.Type] = [DICOMRead.self, DICOMWrite.self]
