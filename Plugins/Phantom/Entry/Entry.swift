internal import Phantom
internal import PonsKit

private let plugin = Plugin("phantom", version: "1.0.0", stages: phantomStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
