public import PonsKit
internal import PonsTorch

/// The stages of this plugin.
public let trainerStages: [any StageType.Type] = [
  UNetTrain.self, UNetPredict.self, EnvelopeCheck.self, ModelRead.self, ModelWrite.self,
]

/// The libraries that its results depend on.
public func trainerLibraries() -> [LibraryInUse] { TorchRuntime.librariesInUse }
