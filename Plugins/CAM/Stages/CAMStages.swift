public import PonsKit
internal import PonsModels
internal import PonsTorch

/// The stages of this plugin.
public let camStages: [any StageType.Type] = [ClassifierTrain.self, CAMCompute.self]

/// The libraries that its results depend on.
public func camLibraries() -> [LibraryInUse] { TorchRuntime.librariesInUse + ModelStore.inUse }
