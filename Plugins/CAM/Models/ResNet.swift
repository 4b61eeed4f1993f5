package import PonsTorch

/// A residual network for images, with torchvision's names, so that its weights load.
///
/// Stem, four stages of blocks, pooling over the image, classifier. Source: He et al., "Deep residual learning for image
/// recognition", 2016, in torchvision's form (the stride of a bottleneck is in its 3x3 convolution).
package final class ResNet: Layer {
  /// How a network is built.
  package struct Configuration: Sendable, Hashable {
    /// Blocks of each of the four stages.
    package var blocks: [Int]
    /// Whether blocks are bottlenecks (1x1, 3x3, 1x1) or basic (3x3, 3x3).
    package var isBottleneck: Bool
    /// Channels of the input.
    package var inputs: Int
    /// Channels of the first stage; each later one doubles them. 64 in the paper.
    package var width: Int
    /// Whether the stem ends with a max-pool, as in the paper; without it feature maps keep twice the resolution.
    package var stemPools: Bool
    /// What the features of the image are: means over the image, or these and maxima.
    package var pooling: Pooling
    /// Numbers of features of the layers between pooling and classes; none in the paper.
    package var hidden: [Int]
    /// Probability of dropout before the last layer; used with `hidden` only.
    package var dropout: Double
    /// Number of classes.
    package var classes: Int

    /// How an image becomes one vector.
    package enum Pooling: String, Sendable, Hashable {
      /// The mean of each channel.
      case average
      /// Mean and maximum of each channel.
      case averageAndMax = "average-max"
    }

    /// The 18 layers of the paper, with `classes` classes.
    package static func resNet18(classes: Int) -> Configuration {
      Configuration(
        blocks: [2, 2, 2, 2], isBottleneck: false, inputs: 3, width: 64, stemPools: true,
        pooling: .average, hidden: [], dropout: 0, classes: classes)
    }

    /// The 50 layers of the paper, with `classes` classes.
    package static func resNet50(classes: Int) -> Configuration {
      Configuration(
        blocks: [3, 4, 6, 3], isBottleneck: true, inputs: 3, width: 64, stemPools: true,
        pooling: .average, hidden: [], dropout: 0, classes: classes)
    }

    /// Every field.
    package init(
      blocks: [Int], isBottleneck: Bool, inputs: Int, width: Int, stemPools: Bool,
      pooling: Pooling, hidden: [Int], dropout: Double, classes: Int
    ) {
      self.blocks = blocks
      self.isBottleneck = isBottleneck
      self.inputs = inputs
      self.width = width
      self.stemPools = stemPools
      self.pooling = pooling
      self.hidden = hidden
      self.dropout = dropout
      self.classes = classes
    }

    /// Channels of the last stage.
    package var features: Int { width << (blocks.count - 1) * (isBottleneck ? 4 : 1) }
  }

  /// How it is built.
  package let configuration: Configuration
  private let conv1: Conv2d
  private let bn1: BatchNorm
  private let stages: [[ResidualBlock]]
  private let head: ClassifierHead

  /// A network without weights.
  ///
  /// - Parameter generator: where dropout comes from.
  package init(_ configuration: Configuration, _ generator: Generator) {
    self.configuration = configuration
    conv1 = Conv2d(
      configuration.inputs, configuration.width, kernel: 7, stride: 2, padding: 3, bias: false)
    bn1 = BatchNorm(configuration.width)
    var inputs = configuration.width
    stages = configuration.blocks.enumerated().map { stage, count in
      (0..<count).map { index in
        let block = ResidualBlock(
          inputs, configuration.width << stage, stride: stage > 0 && index == 0 ? 2 : 1,
          isBottleneck: configuration.isBottleneck)
        inputs = block.outputs
        return block
      }
    }
    head = ClassifierHead(configuration, features: inputs, generator)
  }

  /// `conv1`, `bn1`, `layer1` to `layer4`, `fc`.
  package func list(in members: inout Members) {
    members.add("conv1", conv1)
    members.add("bn1", bn1)
    for (index, stage) in stages.enumerated() { members.add("layer\(index + 1)", stage) }
    members.add("fc", head)
  }

  /// Names of the places whose output can be looked at: `stem`, `layer1`, ...
  package var layerNames: [String] { ["stem"] + stages.indices.map { "layer\($0 + 1)" } }

  /// `[n, inputs, h, w]` to logits `[n, classes]`.
  package func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    try logits(of: run(x, from: 0, through: stages.count))
  }

  /// The output of a named layer, `[n, channels, h, w]`.
  ///
  /// - Throws: ``TorchError`` when no layer has this name.
  package func activations(of x: Tensor, at layer: String) throws(TorchError) -> Tensor {
    try run(x, from: 0, through: place(of: layer))
  }

  /// Logits `[n, classes]` from the output of a named layer: what comes after it. Derivatives of the logits by that output are
  /// what class activation maps are made of.
  package func logits(
    from activations: Tensor, at layer: String
  ) throws(TorchError) -> Tensor {
    try logits(of: run(activations, from: place(of: layer) + 1, through: stages.count))
  }

  private func place(of layer: String) throws(TorchError) -> Int {
    guard let place = layerNames.firstIndex(of: layer) else {
      throw TorchError(
        "layer '\(layer)'", "there is none; expected one of \(layerNames.joined(separator: ", "))")
    }
    return place
  }

  /// Runs the stem (place 0) and the stages (1, 2, ...) from one to another.
  private func run(_ x: Tensor, from first: Int, through last: Int) throws(TorchError) -> Tensor {
    var x = x
    if first == 0 {
      x = try bn1(conv1(x)).relu()
      if configuration.stemPools {
        x = try x.maxPool([3, 3], stride: [2, 2], padding: [1, 1])
      }
    }
    for place in max(first, 1)..<(max(first, 1, last + 1)) {
      for block in stages[place - 1] { x = try block(x) }
    }
    return x
  }

  private func logits(of x: Tensor) throws(TorchError) -> Tensor {
    let mean = try x.mean([2, 3])
    switch configuration.pooling {
    case .average: return try head(mean)
    case .averageAndMax: return try head(Tensor.cat([mean, x.max([2, 3])], 1))
    }
  }
}
