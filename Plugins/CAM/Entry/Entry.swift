internal import CAM
internal import PonsKit

private let plugin = Plugin(
  "cam", version: "1.0.0", stages: camStages, libraries: { camLibraries() })

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
