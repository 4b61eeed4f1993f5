package import PonsKit

/// What a packet of a kind must hold. Kinds that plugins bring themselves (reverse-DNS names) have no rules.
package struct PacketKindRules {
  /// A tensor that must be there.
  struct Requirement {
    let name: String
    /// Allowed types; empty means any.
    let types: [ElementType]
    /// Allowed numbers of dimensions.
    let dimensions: ClosedRange<Int>
    /// The exact shape, where there is one.
    var shape: [Int]?
  }

  let tensors: [Requirement]
  /// Members that the metadata must have.
  let metadata: [String]

  private static let affine = Requirement(
    name: "affine", types: [.float64], dimensions: 2...2, shape: [4, 4])

  private static let kinds: [String: PacketKindRules] = [
    "volume": PacketKindRules(
      tensors: [Requirement(name: "voxels", types: [], dimensions: 3...4), affine],
      metadata: ["modality"]),
    "mask": PacketKindRules(
      tensors: [Requirement(name: "voxels", types: [.uint8], dimensions: 3...4), affine],
      metadata: ["labels"]),
    "heatmap": PacketKindRules(
      tensors: [Requirement(name: "voxels", types: [.float32], dimensions: 3...4), affine],
      metadata: ["source"]),
    "slice-labels": PacketKindRules(
      tensors: [
        Requirement(name: "probability", types: [.float32], dimensions: 2...2),
        Requirement(name: "label", types: [.int8], dimensions: 1...1),
      ], metadata: ["classes"]),
    "slices": PacketKindRules(
      tensors: [
        Requirement(name: "images", types: [.float32], dimensions: 3...3),
        Requirement(name: "label", types: [.int8], dimensions: 1...1),
        Requirement(name: "z", types: [.int32], dimensions: 1...1),
      ], metadata: ["augmentation"]),
    "prompts": PacketKindRules(
      tensors: [
        Requirement(name: "boxes", types: [.int32], dimensions: 2...2),
        Requirement(name: "points", types: [.int32], dimensions: 2...2),
      ], metadata: ["grid"]),
    "model": PacketKindRules(tensors: [], metadata: ["architecture"]),
    "table": PacketKindRules(tensors: [], metadata: ["columns"]),
    "files": PacketKindRules(tensors: [], metadata: ["files"]),
  ]

  /// Checks a packet that a stage wants to send; kinds of plugins' own have no rules.
  ///
  /// - Throws: `StageFailure` of category `internal`, code `BAD_PACKET`, that names what is missing.
  package static func check(kind: String, tensors: [PacketTensor], metadata: JSON, port: String)
    throws
  {
    guard let rules = kinds[kind] else { return }
    for requirement in rules.tensors {
      guard let tensor = tensors.first(where: { $0.name == requirement.name }) else {
        throw refusal("a \(kind) needs a tensor '\(requirement.name)'", port: port)
      }
      if !requirement.types.isEmpty, !requirement.types.contains(tensor.type) {
        let names = requirement.types.map(\.rawValue).joined(separator: " or ")
        throw refusal(
          "tensor '\(tensor.name)' of a \(kind) is \(names), not \(tensor.type.rawValue)",
          port: port)
      }
      if !requirement.dimensions.contains(tensor.shape.count)
        || (requirement.shape.map { $0 != tensor.shape } ?? false)
      {
        throw refusal(
          "tensor '\(tensor.name)' of a \(kind) cannot have the shape \(tensor.shape)", port: port)
      }
    }
    for member in rules.metadata where metadata[member] == nil {
      throw refusal("the metadata of a \(kind) need '\(member)'", port: port)
    }
  }

  private static func refusal(_ message: String, port: String) -> StageFailure {
    StageFailure(.internal, code: "BAD_PACKET", message, port: port)
  }
}
