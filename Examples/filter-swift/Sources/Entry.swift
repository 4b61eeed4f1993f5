import PonsKit

private let plugin = Plugin(
  "filter-swift", version: "1.0.0", stages: [MeanFilter.self, MaskFilter.self])

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
