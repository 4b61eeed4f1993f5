internal import PonsKit
internal import Report

private let plugin = Plugin("report", version: "1.0.0", stages: reportStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
