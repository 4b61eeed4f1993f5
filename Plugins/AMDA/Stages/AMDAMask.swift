internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Attentive mask data augmentation of CLISC (Ma et al., ISBI 2025): copies of slices in which something is hidden, for training again.
///
/// Of positive slices the spot is hidden that the classifier went by (see ``SliceMask``), so that it must find the rest; of negative ones
/// something at random, so that a hole is no sign of the class. Slices are scaled to 0...1 between their least and greatest finite value
/// first (unless `window` is none), as a classifier is given them, because hiding the brightest spot would change that scale; whoever trains with them must not scale them
/// again. The brain are the pixels above 0 then. Slices without a class, without a region or without a brain get no copy.
struct AMDAMask: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "the image, skull-stripped")
  static let labels = Input<SliceLabelsKind>("labels", .each, "classes of its slices")
  static let heatmap = Input<HeatmapKind>(
    "heatmap", .each, "what the classifier went by", elementTypes: [.float32], sameGrid: "volume")
  static let roi = Input<MaskKind>(
    "roi", .each, "the heatmap's region, of cam.roi", sameGrid: "volume")
  static let slices = Output<SlicesKind>("slices", .perCase, "copies with something hidden")

  /// What is hidden of negative slices.
  enum Negatives: String, Codable, Sendable { case shapes, cells, none }

  /// What intensities become: see the parameter of this name of classifier.train.
  enum Window: String, Codable, Sendable { case slice, none }

  struct Parameters: StageParameters {
    var positive: String?
    var fraction: Double
    var fill: Fill
    var negatives: Negatives
    var cell_size: Double
    var cell_ratio: Double
    var window: Window

    static let schema = [
      ParameterDescriptor(
        "positive", .string, "the class of positive slices; the last one when it is not set"),
      ParameterDescriptor(
        "fraction", .number,
        "positive slices: where in the range of the heatmap in the region's box hiding begins",
        defaultValue: 0.8, minimum: 0, maximum: 1),
      ParameterDescriptor(
        "fill", .string,
        "hidden pixels become 0 (the background), the median of the slice's other brain pixels, or values drawn from "
          + "them", defaultValue: "median", allowed: ["zero", "median", "noise"]),
      ParameterDescriptor(
        "negatives", .string,
        "what is hidden of negative slices: shapes of the case's positive ones at random places (cells where it has none), "
          + "random cells, or nothing: then they get no copy", defaultValue: "shapes",
        allowed: ["shapes", "cells", "none"]),
      ParameterDescriptor(
        "cell_size", .number, "edge of a cell", defaultValue: 10, minimum: 0.1, maximum: 1000,
        unit: "mm"),
      ParameterDescriptor(
        "cell_ratio", .number, "the part of the brain's cells that is hidden, about",
        defaultValue: 0.1, minimum: 0, maximum: 1),
      ParameterDescriptor(
        "window", .string,
        "as for classifier.train: the least and greatest of each slice become 0 and 1, or intensities stay as they are",
        defaultValue: "slice", allowed: ["slice", "none"]),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "amda.mask", version: "1",
    summary: "hides what a classifier went by, in copies of slices for training again",
    ports: [volume, labels, heatmap, roi, slices], parameters: Parameters.schema,
    concurrency: .parallel)

  private let parameters: Parameters

  init(_ parameters: Parameters, _ context: Context) { self.parameters = parameters }

  func process(_ context: Context) throws {
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    let heatmap = try GridPacket(context.input(Self.heatmap), port: "heatmap")
    let roi = try GridPacket(context.input(Self.roi), port: "roi")
    try heatmap.require(volume.grid, port: "heatmap", "the heatmap and the volume")
    try roi.require(volume.grid, port: "roi", "the region and the volume")
    let size = volume.size
    let classes = try SliceClasses(context.input(Self.labels), slices: size.z, port: "labels")
    let positive = try classes.number(of: parameters.positive, parameter: "positive")
    let spots = try spots(heatmap, roi, classes.labels.map { $0 == positive }, context)
    let chosen = classes.labels.indices.filter { z in
      guard let label = classes.labels[z] else { return false }
      return label == positive ? spots[z] != nil : parameters.negatives != .none
    }
    let margins = volume.grid.affine.spacing
    let cell = (
      x: Self.pixels(parameters.cell_size / margins.x),
      y: Self.pixels(parameters.cell_size / margins.y)
    )
    let shapes = parameters.negatives == .shapes ? spots.compactMap { $0 } : []
    let lowest = parameters.window == .slice ? nil : try Self.lowest(volume)
    var random = SplitMix64(seed: context.seed)
    var made: [(z: Int, label: Int)] = []
    try context.send(
      Self.slices,
      tensors: [
        TensorRequest("images", .float32, [chosen.count, size.y, size.x]),
        TensorRequest("label", .int8, [chosen.count]), TensorRequest("z", .int32, [chosen.count]),
      ]
    ) { draft in
      let images = try draft.elements("images", of: Float.self)
      for z in chosen {
        try context.checkCancelled()
        let start = made.count * size.sliceCount
        let slice = UnsafeMutableBufferPointer(
          rebasing: images[start..<start + size.sliceCount])
        try volume.copySlice(z, to: slice)
        let base = Self.scale(slice, lowest)
        let brain = slice.indices.filter { slice[$0] > 0 }
        if brain.isEmpty { continue }
        let mask: SliceMask?
        if classes.labels[z] == positive {
          mask = spots[z]
        } else if shapes.isEmpty {
          mask = SliceMask.cells(
            brain: brain, width: size.x, cell: cell, ratio: parameters.cell_ratio, using: &random)
        } else {
          mask = shapes[random.next(below: shapes.count)].moved(into: brain, using: &random)
        }
        guard let mask else { continue }
        parameters.fill.apply(mask, to: slice, brain: brain, using: &random)
        if base != 0 { for place in slice.indices { slice[place] += base } }
        made.append((z, classes.labels[z] ?? -1))
      }
      let labels = try draft.elements("label", of: Int8.self)
      let places = try draft.elements("z", of: Int32.self)
      for (index, one) in made.enumerated() {
        labels[index] = Int8(one.label)
        places[index] = Int32(one.z)
      }
      try draft.shrink("images", to: [made.count, size.y, size.x])
      try draft.shrink("label", to: [made.count])
      try draft.shrink("z", to: [made.count])
      draft.metadata = metadata(
        positives: made.count { $0.label == positive }, copies: made.count,
        usedShapes: !shapes.isEmpty, classes: classes.classes)
    }
  }

  private func metadata(positives: Int, copies: Int, usedShapes: Bool, classes: [String])
    -> [String: JSON]
  {
    let negatives: Negatives =
      parameters.negatives == .shapes && !usedShapes ? .cells : parameters.negatives
    return [
      "augmentation": [
        "name": "amda", "fill": .string(parameters.fill.rawValue),
        "negatives": .string(negatives.rawValue), "fraction": .number(parameters.fraction),
        "positive_copies": .integer(Int64(positives)),
        "negative_copies": .integer(Int64(copies - positives)),
      ],
      "scaled": parameters.window == .slice ? "minmax" : "none",
      "classes": .array(classes.map(JSON.string)),
    ]
  }

  /// What is hidden in each positive slice.
  private func spots(
    _ heatmap: GridPacket<HeatmapKind>, _ roi: GridPacket<MaskKind>, _ isPositive: [Bool],
    _ context: Context
  ) throws -> [SliceMask?] {
    let size = roi.size
    let heat = UnsafeMutableBufferPointer<Float>.allocate(capacity: size.sliceCount)
    defer { heat.deallocate() }
    return try roi.withMask { region in
      try isPositive.enumerated().map { z, isPositive in
        guard isPositive else { return nil }
        try context.checkCancelled()
        try heatmap.copySlice(z, to: heat)
        let range = z * size.sliceCount..<(z + 1) * size.sliceCount
        return SliceMask(
          heat: UnsafeBufferPointer(heat), region: UnsafeBufferPointer(rebasing: region[range]),
          width: size.x, fraction: parameters.fraction)
      }
    }
  }

  private static func pixels(_ number: Double) -> Int { max(1, Int(min(1e6, number).rounded())) }

  /// Brings the background to 0: spreads the slice to 0...1 between its least and greatest finite value (all 0 when they are equal), or
  /// takes the volume's least value away.
  ///
  /// - Parameter lowest: the volume's least value, when the slice is not to be spread.
  /// - Returns: what is to be added again.
  private static func scale(_ slice: UnsafeMutableBufferPointer<Float>, _ lowest: Float?) -> Float {
    if let lowest {
      for place in slice.indices {
        slice[place] = slice[place].isFinite ? slice[place] - lowest : 0
      }
      return lowest
    }
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in slice where value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    let width = high - low
    for place in slice.indices {
      slice[place] = width > 0 ? (min(max(slice[place], low), high) - low) / width : 0
    }
    return 0
  }

  /// The least finite value of a volume; 0 when there is none.
  private static func lowest(_ volume: GridPacket<VolumeKind>) throws -> Float {
    let size = volume.size
    let slice = UnsafeMutableBufferPointer<Float>.allocate(capacity: size.sliceCount)
    defer { slice.deallocate() }
    var lowest = Float.infinity
    for z in 0..<size.z {
      try volume.copySlice(z, to: slice)
      for value in slice where value.isFinite { lowest = min(lowest, value) }
    }
    return lowest.isFinite ? lowest : 0
  }
}
