import PonsKit

private let plugin = Plugin("@NAME@", version: "1.0.0", stages: [SizeFilter.self])

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
