internal import CPonsSystem
internal import Glibc
package import PonsEngine
package import PonsKit

/// Synthetic packets of every kind, in memory that cannot be written: a stage that writes to its inputs traps.
package struct SampleInputs {
  /// What is odd about a packet.
  package enum Flavour: String, CaseIterable, Sendable {
    /// What a well-behaved stage before it sends.
    case plain
    /// Not-a-number and infinity where a number is expected.
    case notANumber = "NaN voxels"
    /// Tensors without elements.
    case empty = "empty tensors"
    /// float64 where another type is usual.
    case otherType = "another element type"
    /// Two dimensions, or extents of one.
    case oddShape = "odd shapes"
    /// No tensors at all.
    case missingTensors = "missing tensors"
    /// No metadata.
    case missingMetadata = "missing metadata"
  }

  /// A packet of a kind.
  package static func packet(
    kind: String, caseKey: String, elementType: ElementType?, flavour: Flavour
  ) throws -> Packet {
    var tensors: [(TensorRequest, [UInt8])] = []
    if flavour != .missingTensors {
      for request in requests(kind: kind, elementType: elementType) {
        tensors.append(content(of: request, flavour: flavour))
      }
    }
    let metadata = flavour == .missingMetadata ? "{}" : metadata(kind: kind)
    return try frozen(kind: kind, caseKey: caseKey, tensors: tensors, metadata: metadata)
  }

  /// Cases without a packet: one of each fate, with and without scores, and with texts as they may come.
  static let absences: [Absence] = Absence.Fate.allCases.map { fate in
    Absence(
      caseKey: "absent\(fate.rawValue)", fate, stage: "sample", code: "SAMPLE",
      reason: fate == .quarantined ? "<b>\"so & so\"</b>\u{1}" : "",
      score: fate == .filtered ? 0.25 : nil, rank: fate == .filtered ? 7 : nil)
  }

  /// Kinds that the suite can make packets of.
  static let kinds: Set<String> = [
    "volume", "mask", "heatmap", "slice-labels", "slices", "prompts", "model", "table", "files",
  ]

  private static func requests(kind: String, elementType: ElementType?) -> [TensorRequest] {
    let grid = [4, 6, 8]
    let affine = TensorRequest("affine", .float64, [4, 4])
    switch kind {
    case "volume": return [TensorRequest("voxels", elementType ?? .float32, grid), affine]
    case "mask": return [TensorRequest("voxels", elementType ?? .uint8, grid), affine]
    case "heatmap": return [TensorRequest("voxels", elementType ?? .float32, grid), affine]
    case "slice-labels":
      return [
        TensorRequest("probability", .float32, [4, 2]), TensorRequest("label", .int8, [4]),
      ]
    case "slices":
      return [
        TensorRequest("images", .float32, [3, 6, 8]), TensorRequest("label", .int8, [3]),
        TensorRequest("z", .int32, [3]),
      ]
    case "prompts":
      return [TensorRequest("boxes", .int32, [2, 5]), TensorRequest("points", .int32, [1, 4])]
    case "model": return [TensorRequest("layer.weight", .float32, [3, 3])]
    case "table": return [TensorRequest("value", .float64, [3])]
    default: return []
    }
  }

  private static func metadata(kind: String) -> String {
    switch kind {
    case "volume": #"{"modality":"CT"}"#
    case "mask": #"{"labels":["lesion"]}"#
    case "slice-labels": #"{"classes":["healthy","lesion"]}"#
    case "model": #"{"architecture":"sample"}"#
    case "table": #"{"columns":[{"name":"value","type":"number"}],"rows":3}"#
    case "files": #"{"files":[]}"#
    case "heatmap": #"{"source":"sample"}"#
    case "slices": #"{"augmentation":"none"}"#
    case "prompts":
      #"{"grid":{"shape":[4,6,8],"affine":[1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1]}}"#
    default: "{}"
    }
  }

  private static func content(of request: TensorRequest, flavour: Flavour) -> (
    TensorRequest, [UInt8]
  ) {
    var request = request
    let isAffine = request.name == "affine"
    switch flavour {
    case .empty: request.shape = request.shape.map { _ in 0 }
    case .otherType: request.type = request.type == .float64 ? .int16 : .float64
    case .oddShape: request.shape = isAffine ? [16] : [1, 1] + request.shape.suffix(1) + [1, 1]
    default: break
    }
    let count = request.shape.reduce(1, *)
    let values: [Double] = (0..<count).map { index in
      if isAffine { return index % 5 == 0 ? 1 : 0 }
      // A voxel at the origin: z, x0, y0, x1, y1.
      if request.name == "boxes" { return index % 5 < 3 ? 0 : 1 }
      if flavour == .notANumber { return index.isMultiple(of: 2) ? .nan : .infinity }
      return Double(index % 2)
    }
    return (request, values.flatMap { bytes(of: $0, as: request.type) })
  }

  private static func bytes(of value: Double, as type: ElementType) -> [UInt8] {
    let whole = value.isFinite ? Int64(value) : 1
    switch type {
    case .float64: return withUnsafeBytes(of: value) { Array($0) }
    case .float32: return withUnsafeBytes(of: Float(value)) { Array($0) }
    case .float16: return withUnsafeBytes(of: Float16(value)) { Array($0) }
    case .bfloat16: return Array(withUnsafeBytes(of: Float(value)) { Array($0) }.suffix(2))
    default: return Array(withUnsafeBytes(of: whole.littleEndian) { Array($0) }.prefix(type.size))
    }
  }

  /// Puts tensors into a file in memory and maps it read-only.
  private static func frozen(
    kind: String, caseKey: String, tensors: [(TensorRequest, [UInt8])], metadata: String
  ) throws -> Packet {
    var content: [UInt8] = []
    var places: [(TensorRequest, Int)] = []
    for (request, bytes) in tensors {
      places.append((request, content.count))
      content += bytes
      content += [UInt8](repeating: 0, count: (64 - content.count % 64) % 64)
    }
    content += [UInt8](repeating: 0, count: 64)
    let descriptor = pons_system_memory_file("pons-sample")
    if descriptor < 0 { throw StageFailure(.resource, "no memory file can be made") }
    defer { close(descriptor) }
    if write(descriptor, content, content.count) != content.count {
      throw StageFailure(.resource, "a memory file cannot be written")
    }
    let buffer = try Buffer.mapping(file: "/proc/self/fd/\(descriptor)")
    return Packet(
      kind: kind, caseKey: caseKey,
      tensors: places.map { request, offset in
        PacketTensor(
          name: request.name, type: request.type, shape: request.shape,
          data: UnsafeRawPointer(buffer.base) + offset, offset: offset)
      }.sorted { $0.name < $1.name },
      metadata: metadata, sidecar: "{}", identity: "sample", buffer: buffer)
  }
}
