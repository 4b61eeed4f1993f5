internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// How much two masks of a case agree: their Dice coefficient. Both empty is agreement (1), one empty is none (0).
struct MaskSimilarity: Sendable {
  /// Which slices are compared.
  enum Slices: String, Codable, Sendable { case all, prompted }

  let overlap: Overlap
  let caseKey: String

  var value: Double { overlap.dice }

  static let parameter = ParameterDescriptor(
    "slices", .string,
    "which slices are compared: all, or those that the metadata of b name in 'slices' as prompted, when not every slice was",
    defaultValue: "all", allowed: ["all", "prompted"])

  /// - Throws: `StageFailure` of category `badInput` that names the case: GRID_MISMATCH, NO_SLICES.
  init(
    _ first: InputPacket<MaskKind>, _ second: InputPacket<MaskKind>, slices: Slices, threads: Int
  ) throws {
    let a = try GridPacket(first, port: "a")
    let b = try GridPacket(second, port: "b")
    caseKey = first.caseKey
    try b.require(a.grid, port: "b", "the masks of case \(caseKey)")
    let size = a.size
    let chosen = slices == .all ? nil : try Self.prompted(second, size: size, caseKey: caseKey)
    overlap = try a.withMask { a in
      try b.withMask { b in
        guard let chosen else { return Overlap(prediction: a, reference: b, threads: threads) }
        return chosen.reduce(Overlap(prediction: 0, reference: 0, intersection: 0)) { sum, z in
          let range = z * size.sliceCount..<(z + 1) * size.sliceCount
          let part = Overlap(
            prediction: UnsafeBufferPointer(rebasing: a[range]),
            reference: UnsafeBufferPointer(rebasing: b[range]))
          return Overlap(
            prediction: sum.prediction + part.prediction,
            reference: sum.reference + part.reference,
            intersection: sum.intersection + part.intersection)
        }
      }
    }
  }

  private static func prompted(_ packet: InputPacket<MaskKind>, size: GridSize, caseKey: String)
    throws -> [Int]
  {
    let named = try packet.metadata["slices"]?.array?.map { $0.integer.flatMap(Int.init) }
    guard let named, named.allSatisfy({ $0.map((0..<size.z).contains) == true }) else {
      throw StageFailure(
        .badInput, code: "NO_SLICES",
        "the metadata of mask b of case \(caseKey) do not say which of its \(size.z) slices were prompted",
        hint: "set slices: all, or use a stage that passes 'slices' of the prompts on", port: "b")
    }
    return Set(named.compactMap { $0 }).sorted()
  }

  /// The similarities of all cases, sorted by case key, one case in memory at a time.
  static func all(_ a: Input<MaskKind>, _ b: Input<MaskKind>, _ slices: Slices, _ context: Context)
    throws -> [MaskSimilarity]
  {
    let (first, second) = (try context.inputs(a), try context.inputs(b))
    return try (0..<min(first.count, second.count)).map { index in
      try context.progress(Double(index) / Double(first.count))
      return try MaskSimilarity(
        first.packet(at: index), second.packet(at: index), slices: slices, threads: context.threads)
    }
  }
}

extension [MaskSimilarity] {
  /// The columns that say what was compared.
  var columns: [Table.Column] {
    [
      Table.Column("case", .strings(map(\.caseKey))),
      Table.Column("similarity", .numbers(map(\.value))),
      Table.Column("a_voxels", .integers(map { Int64($0.overlap.prediction) }), unit: "voxels"),
      Table.Column("b_voxels", .integers(map { Int64($0.overlap.reference) }), unit: "voxels"),
      Table.Column("empty", .strings(map(\.emptyName))),
    ]
  }
}

extension MaskSimilarity {
  /// Which mask is empty: none, a, b or both.
  fileprivate var emptyName: String {
    switch overlap.empty {
    case .none: "none"
    case .prediction: "a"
    case .reference: "b"
    case .both: "both"
    }
  }
}
