public import PonsKit
internal import PonsModels
internal import PonsTorch

/// The stages of this plugin.
public let samStages: [any StageType.Type] = [SAMSegment.self]

/// What its results depend on beside its own code.
public func samLibraries() -> [LibraryInUse] { TorchRuntime.librariesInUse + ModelStore.inUse }
