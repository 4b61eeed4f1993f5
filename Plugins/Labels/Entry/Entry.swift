internal import Labels
internal import PonsKit

private let plugin = Plugin("labels", version: "1.0.0", stages: labelStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
