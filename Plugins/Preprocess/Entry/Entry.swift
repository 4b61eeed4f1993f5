internal import PonsKit
internal import Preprocess

private let plugin = Plugin("preprocess", version: "1.0.0", stages: preprocessStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
