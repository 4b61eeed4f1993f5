internal import PonsKit
internal import SAM

private let plugin = Plugin(
  "sam", version: "1.0.0", stages: samStages, libraries: { samLibraries() })

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
