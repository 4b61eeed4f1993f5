internal import PonsKit
internal import Statistics

private let plugin = Plugin("statistics", version: "1.0.0", stages: statisticsStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
