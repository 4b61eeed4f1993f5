import PonsKit

/// Keeps the cases whose volume has a mean within limits. Ports are those of `filter.threshold`, so that a site can put it
/// in that one's place.
struct MeanFilter: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "what is measured")
  static let kept = Output<VolumeKind>("volume", .perCase, "the volumes of the cases that stay")

  struct Parameters: StageParameters {
    var minimum: Double?
    var maximum: Double?

    static let schema = [
      ParameterDescriptor("minimum", .number, "cases with less are dropped"),
      ParameterDescriptor("maximum", .number, "cases with more are dropped"),
    ]

    /// Says what becomes of the case, and answers whether it stays.
    func allow(_ mean: Double, _ context: Context) throws -> Bool {
      if mean < minimum ?? -.infinity || mean > maximum ?? .infinity {
        try context.drop(score: mean, reason: "mean \(mean) is outside the limits")
        return false
      }
      try context.keep(score: mean, reason: "mean \(mean) is within the limits")
      return true
    }
  }

  static let descriptor = StageDescriptor(
    id: "org.example.filter-swift", version: "1",
    summary: "keeps the cases whose volume has a mean within limits", ports: [volume, kept],
    parameters: Parameters.schema, concurrency: .parallel)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    let packet = try context.input(Self.volume)
    if try parameters.allow(Self.mean(packet.voxels), context) {
      try context.forward(packet, to: Self.kept)
    }
  }

  /// The mean of all voxels that are numbers.
  static func mean(_ voxels: TensorView) throws -> Double {
    func mean<Element: TensorElement & BinaryInteger>(_: Element.Type) throws -> Double {
      try voxels.withElements(of: Element.self) { elements in
        elements.reduce(0.0) { $0 + Double($1) } / Double(elements.count)
      }
    }
    func mean<Element: TensorElement & BinaryFloatingPoint>(_: Element.Type) throws -> Double {
      try voxels.withElements(of: Element.self) { elements in
        let numbers = elements.lazy.filter { !$0.isNaN }
        return numbers.reduce(0.0) { $0 + Double($1) } / Double(numbers.count)
      }
    }
    let value =
      switch voxels.type {
      case .uint8: try mean(UInt8.self)
      case .int8: try mean(Int8.self)
      case .uint16: try mean(UInt16.self)
      case .int16: try mean(Int16.self)
      case .uint32: try mean(UInt32.self)
      case .int32: try mean(Int32.self)
      case .uint64: try mean(UInt64.self)
      case .int64: try mean(Int64.self)
      case .float16: try mean(Float16.self)
      case .float32: try mean(Float.self)
      case .float64: try mean(Double.self)
      case .bool, .bfloat16:
        throw StageFailure(
          .badInput, code: "UNSUPPORTED_TYPE",
          "voxels of type \(voxels.type.rawValue) cannot be measured")
      }
    if value.isNaN {
      throw StageFailure(
        .badInput, code: "NO_STATISTIC", "no voxel is a number")
    }
    return value
  }
}
