package import PonsTorch

/// relu(f(x) + shortcut(x)), f being two 3x3 convolutions, or 1x1, 3x3 and 1x1 ones (a bottleneck), each with batch
/// normalisation.
package final class ResidualBlock: Layer {
  /// Channels of the output.
  package let outputs: Int
  private let convolutions: [(conv: Conv2d, norm: BatchNorm)]
  private let shortcut: (conv: Conv2d, norm: BatchNorm)?

  package init(_ inputs: Int, _ width: Int, stride: Int, isBottleneck: Bool) {
    outputs = isBottleneck ? 4 * width : width
    func pair(_ from: Int, _ to: Int, _ kernel: Int, _ stride: Int) -> (Conv2d, BatchNorm) {
      let conv = Conv2d(
        from, to, kernel: kernel, stride: stride, padding: kernel / 2, bias: false)
      return (conv, BatchNorm(to))
    }
    convolutions =
      isBottleneck
      ? [pair(inputs, width, 1, 1), pair(width, width, 3, stride), pair(width, outputs, 1, 1)]
      : [pair(inputs, width, 3, stride), pair(width, width, 3, 1)]
    shortcut = stride != 1 || inputs != outputs ? pair(inputs, outputs, 1, stride) : nil
  }

  package func list(in members: inout Members) {
    for (index, (conv, norm)) in convolutions.enumerated() {
      members.add("conv\(index + 1)", conv)
      members.add("bn\(index + 1)", norm)
    }
    members.add("downsample.0", shortcut?.conv)
    members.add("downsample.1", shortcut?.norm)
  }

  package func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    var y = x
    for (index, (conv, norm)) in convolutions.enumerated() {
      y = try norm(conv(y))
      if index < convolutions.count - 1 { y = try y.relu() }
    }
    let kept = if let shortcut { try shortcut.norm(shortcut.conv(x)) } else { x }
    return try (y + kept).relu()
  }
}

/// The layers behind pooling: `fc` alone, as torchvision has it, or hidden layers with ReLU and dropout before the last.
package final class ClassifierHead: Layer {
  private let layers: [Linear]
  private let dropout: Dropout

  package init(_ configuration: ResNet.Configuration, features: Int, _ generator: Generator) {
    let pooled = configuration.pooling == .average ? features : 2 * features
    let sizes = [pooled] + configuration.hidden + [configuration.classes]
    layers = zip(sizes, sizes.dropFirst()).map { Linear($0, $1) }
    dropout = Dropout(configuration.dropout, generator)
  }

  /// One layer is called `fc.weight`; several are numbered as PyTorch's Sequential with ReLU and Dropout numbers them: 0, 3, ...
  package func list(in members: inout Members) {
    if layers.count == 1 {
      layers[0].list(in: &members)
    } else {
      for (index, layer) in layers.enumerated() { members.add("\(3 * index)", layer) }
    }
    members.add("dropout", dropout)
  }

  package func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    var x = x
    for (index, layer) in layers.enumerated() {
      x = try layer(x)
      if index < layers.count - 1 { x = try dropout(x.relu()) }
    }
    return x
  }
}
