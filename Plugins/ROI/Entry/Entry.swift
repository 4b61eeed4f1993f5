internal import PonsKit
internal import ROI

private let plugin = Plugin("roi", version: "1.0.0", stages: roiStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
