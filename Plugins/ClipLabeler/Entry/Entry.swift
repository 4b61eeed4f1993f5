internal import ClipLabeler
internal import PonsKit

private let plugin = Plugin(
  "clip", version: "1.0.0", stages: clipLabelerStages,
  libraries: { clipLabelerLibraries() })

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
