/// A part of a network: its parameters and the layers it consists of, listed by the names of the state dict.
public protocol Layer: AnyObject {
  /// Lists the parameters, buffers and layers inside, in the order of PyTorch's state dict.
  func list(in members: inout Members)

  /// Called when training begins or ends; layers that then compute something else remember it.
  func trainingChanged(to training: Bool)
}

extension Layer {
  /// Most layers compute the same.
  public func trainingChanged(to _: Bool) {}

  /// All parameters and buffers of this layer and those inside, with the names of PyTorch's state dict:
  /// `layer1.0.conv1.weight`.
  public var parameters: [(name: String, parameter: Parameter)] {
    var found: [(name: String, parameter: Parameter)] = []
    visit("") { name, member in
      if case .parameter(let parameter) = member { found.append((name, parameter)) }
    }
    return found
  }

  /// The parameters that are trained.
  public var trained: [(name: String, parameter: Parameter)] {
    parameters.filter { $0.parameter.isTrained }
  }

  /// Number of trained elements.
  public var trainedCount: Int {
    trained.reduce(0) { $0 + $1.parameter.shape.reduce(1, *) }
  }

  /// Makes the elements of all parameters by the rules of their layers, in the order of the state dict.
  public func initialize(_ generator: Generator) throws(TorchError) {
    for (_, parameter) in parameters { try parameter.initialize(generator) }
  }

  /// Switches between training and use, which differ in dropout and batch normalisation, and asks for derivatives or not.
  public func setTraining(_ training: Bool) throws(TorchError) {
    trainingChanged(to: training)
    visit("") { _, member in
      if case .layer(let layer) = member { layer.trainingChanged(to: training) }
    }
    for (_, parameter) in trained where parameter.isReady {
      try parameter.value.setRequiresGrad_(training)
    }
  }

  /// Moves all elements to a device.
  public func move(to device: Device) throws(TorchError) {
    for (_, parameter) in parameters where parameter.isReady {
      try parameter.set(try parameter.value.on(device))
    }
  }

  private func visit(_ prefix: String, _ body: (String, Members.Member) -> Void) {
    var members = Members()
    list(in: &members)
    for (name, member) in members.members {
      let path = prefix.isEmpty ? name : "\(prefix).\(name)"
      body(path, member)
      if case .layer(let layer) = member { layer.visit(path, body) }
    }
  }
}

/// What a layer lists: parameters and layers by name.
public struct Members {
  enum Member {
    case parameter(Parameter)
    case layer(any Layer)
  }

  private(set) var members: [(name: String, member: Member)] = []

  /// Adds a parameter or buffer; nil, for a bias that is not there, adds nothing.
  public mutating func add(_ name: String, _ parameter: Parameter?) {
    if let parameter { members.append((name, .parameter(parameter))) }
  }

  /// Adds a layer; nil adds nothing.
  public mutating func add(_ name: String, _ layer: (any Layer)?) {
    if let layer { members.append((name, .layer(layer))) }
  }

  /// Adds layers that are named by their index: `blocks.0`, `blocks.1`.
  public mutating func add(_ name: String, _ layers: [any Layer]) {
    for (index, layer) in layers.enumerated() { add("\(name).\(index)", layer) }
  }
}
