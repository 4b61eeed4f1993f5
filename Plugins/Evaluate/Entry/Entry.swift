internal import Evaluate
internal import PonsKit

private let plugin = Plugin("evaluate", version: "1.0.0", stages: evaluateStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
