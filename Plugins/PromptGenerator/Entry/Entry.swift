internal import PonsKit
internal import PromptGenerator

private let plugin = Plugin("prompts", version: "1.0.0", stages: promptStages)

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
