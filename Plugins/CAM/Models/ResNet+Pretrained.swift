internal import PonsKit
internal import PonsModels
package import PonsTorch
internal import PonsWeights

extension ResNet {
  /// Takes over everything but the head of a model of the store, as copies that can be trained.
  ///
  /// - Parameter name: of weights with torchvision's names, like `resnet50-imagenet`.
  /// - Throws: `StageFailure` of category `badParameter`: NO_MODEL, BAD_WEIGHTS with every name that does not fit.
  func begin(with name: String) throws {
    do {
      try begin(with: StateDict(ModelStore().locate(name).weights()))
    } catch let error as ModelError {
      throw StageFailure(
        .badParameter, code: "NO_MODEL", error.description, hint: error.hint, parameter: "weights")
    } catch let error as WeightError {
      throw StageFailure(
        .badParameter, code: "BAD_WEIGHTS",
        error.key.map { "\(error.message): \($0)" } ?? error.message, hint: error.hint,
        parameter: "weights")
    } catch let error as StateDictError {
      throw StageFailure(
        .badParameter, code: "BAD_WEIGHTS", "\(name): \(error)",
        hint: "the weights must be those of the network that is trained: compare 'network'",
        parameter: "weights")
    }
  }

  /// The same with a state dict.
  package func begin(with weights: StateDict) throws {
    let isHead = { (name: String) in name.hasPrefix("fc.") }
    var state = StateDict(source: weights.source)
    for (name, tensor) in weights.entries where !isHead(name) {
      // A copy, because files are mapped and training writes.
      state.set(name, try tensor.clone())
    }
    for (name, tensor) in try stateDict().entries where isHead(name) { state.set(name, tensor) }
    try load(state)
  }
}
