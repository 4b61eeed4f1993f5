internal import PonsKit
internal import Trainer

private let plugin = Plugin(
  "trainer", version: "1.0.0", stages: trainerStages, libraries: { trainerLibraries() })

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
