internal import AMDA
internal import PonsKit

private let plugin = Plugin("amda", version: "1.0.0", stages: amdaStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
