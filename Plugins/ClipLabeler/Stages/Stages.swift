public import PonsKit
internal import PonsModels
internal import PonsTorch

/// The stages of this plugin.
public let clipLabelerStages: [any StageType.Type] = [ClipLabel.self]

/// What its results depend on beside its own code.
public func clipLabelerLibraries() -> [LibraryInUse] {
  TorchRuntime.librariesInUse + ModelStore.inUse
}
