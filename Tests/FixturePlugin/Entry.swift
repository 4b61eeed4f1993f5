import PonsKit

private let plugin = Plugin(
  "fixture", version: "1.0.0", build: "test",
  stages: [
    Numbers.self, Relay.self, Brighten.self, MeanOfAll.self, Picky.self, Steps.self, Endless.self,
    HotVoxels.self, PlainSlices.self, FilledBoxes.self, BrightVoxels.self, RollCall.self,
  ],
  libraries: {
    [LibraryInUse("Abacus", version: "3.1", detail: "wood", warning: "a bead is missing")]
  })

/// The entry point.
@c(pons_entry_v1) public func entry() -> UnsafeRawPointer? { plugin.entry }
