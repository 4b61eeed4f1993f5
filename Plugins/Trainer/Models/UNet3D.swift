internal import Glibc
package import PonsTorch

/// A 3D U-Net: an encoder of levels at half the resolution of the one above, a decoder that comes back up with trilinear
/// upsampling, and connections between both at each level.
///
/// A level is two times convolution 3x3x3, instance normalisation and ReLU, with dropout behind. Source: Çiçek et al., 2016, with
/// the sizes of CLISC (16, 32, 64, 128, 256 channels).
package final class UNet3D: Layer {
  /// How a network is built.
  package struct Configuration: Sendable, Hashable {
    /// Channels of the input.
    package var inputs: Int
    /// Classes, background included.
    package var classes: Int
    /// Channels of each level, finest first.
    package var channels: [Int]
    /// Probability of dropout behind each level of the encoder.
    package var dropout: Double
    /// Step of the first convolution: 2 works at half the resolution inside, which is four to eight times faster.
    package var stemStride: Int

    /// The network of CLISC's authors.
    package static let clisc = Configuration(
      inputs: 1, classes: 2, channels: [16, 32, 64, 128, 256], dropout: 0.3, stemStride: 1)

    /// Every field.
    package init(
      inputs: Int, classes: Int, channels: [Int], dropout: Double, stemStride: Int
    ) {
      self.inputs = inputs
      self.classes = classes
      self.channels = channels
      self.dropout = dropout
      self.stemStride = stemStride
    }

    /// What every axis of an input must be a multiple of.
    package var multiple: Int { stemStride << (channels.count - 1) }
  }

  /// How it is built.
  package let configuration: Configuration
  private let encoder: [UNetLevel]
  private let decoder: [UNetLevel]
  private let head: Conv3d
  private let dropout: Dropout

  /// A network without weights.
  ///
  /// - Parameter generator: where dropout comes from.
  package init(_ configuration: Configuration, _ generator: Generator) {
    self.configuration = configuration
    let channels = configuration.channels
    let inputs = [configuration.inputs] + channels.dropLast()
    encoder = channels.indices.map {
      UNetLevel(inputs[$0], channels[$0], stride: $0 == 0 ? configuration.stemStride : 1)
    }
    decoder = channels.indices.dropLast().map {
      UNetLevel(channels[$0] + channels[$0 + 1], channels[$0], stride: 1)
    }
    head = Conv3d(channels.first ?? 1, configuration.classes, kernel: 1)
    dropout = Dropout(configuration.dropout, generator)
  }

  /// `encoder.0` (finest) to the deepest, `decoder.0` (finest) on, `head`.
  package func list(in members: inout Members) {
    members.add("encoder", encoder)
    members.add("decoder", decoder)
    members.add("head", head)
    members.add("dropout", dropout)
  }

  /// Sets the bias of the last layer so that an untrained network of two classes says everywhere how frequent the second one is. The many
  /// voxels of background then do not drown the few others in the first steps. Source: Lin et al., "Focal Loss for Dense Object
  /// Detection", 2017, section 4.1.
  package func setPrior(_ share: Double) throws {
    let share = min(0.5, max(1e-4, share))
    try head.bias?.set(Tensor.of([0, Float(Glibc.log(share / (1 - share)))]))
  }

  /// `[n, inputs, d, h, w]` to logits `[n, classes, d, h, w]`.
  ///
  /// - Throws: ``TorchError`` when an axis is no multiple of ``Configuration/multiple``.
  package func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    let multiple = configuration.multiple
    if x.shape.dropFirst(2).contains(where: { $0 % multiple != 0 }) {
      throw TorchError(
        "3D U-Net", "every axis after the channels must be a multiple of \(multiple)",
        operands: [x])
    }
    var kept: [Tensor] = []
    var y = x
    for (index, level) in encoder.enumerated() {
      if index > 0 { y = try y.maxPool([2, 2, 2], stride: [2, 2, 2], padding: [0, 0, 0]) }
      y = try dropout(level(y))
      kept.append(y)
    }
    for (index, level) in decoder.enumerated().reversed() {
      let size = Array(kept[index].shape.dropFirst(2))
      y = try level(Tensor.cat([kept[index], y.upsample(to: size, .linear)], 1))
    }
    y = try head(y)
    if configuration.stemStride == 1 { return y }
    return try y.upsample(to: Array(x.shape.dropFirst(2)), .linear)
  }
}

/// Two times convolution 3x3x3, instance normalisation and ReLU.
private final class UNetLevel: Layer {
  private let convolutions: [Conv3d]
  private let norms: [InstanceNorm]

  init(_ inputs: Int, _ outputs: Int, stride: Int) {
    convolutions = [
      Conv3d(inputs, outputs, kernel: 3, stride: stride, padding: 1),
      Conv3d(outputs, outputs, kernel: 3, padding: 1),
    ]
    norms = [InstanceNorm(outputs, affine: true), InstanceNorm(outputs, affine: true)]
  }

  func list(in members: inout Members) {
    for index in convolutions.indices {
      members.add("conv\(index + 1)", convolutions[index])
      members.add("norm\(index + 1)", norms[index])
    }
  }

  func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
    var x = x
    for (conv, norm) in zip(convolutions, norms) {
      x = try norm(conv(x))
      // Instance normalisation keeps its input for the derivative, not its output: the ReLU may work in place.
      try x.relu_()
    }
    return x
  }
}
