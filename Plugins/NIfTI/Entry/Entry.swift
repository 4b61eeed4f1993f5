internal import NIfTI
internal import PonsKit

private let plugin = Plugin("nifti", version: "1.0.0", stages: niftiStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
