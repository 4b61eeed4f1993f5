public import PonsKit

/// The stages of this plugin.
public let phantomStages: [any StageType.Type] = [PhantomBrain.self, PhantomChest.self]
