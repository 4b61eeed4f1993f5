internal import PonsKit
internal import S3F

private let plugin = Plugin("s3f", version: "1.0.0", stages: s3fStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
