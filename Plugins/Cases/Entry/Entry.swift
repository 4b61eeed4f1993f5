internal import Cases
internal import PonsKit

private let plugin = Plugin("cases", version: "1.0.0", stages: caseStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
