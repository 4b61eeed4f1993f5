public import PonsKit

/// The stages of this plugin.
public let s3fStages: [any StageType.Type] = [S3FScore.self, S3FFilter.self]
