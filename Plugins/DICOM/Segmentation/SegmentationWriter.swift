internal import PonsFiles
internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Writes a mask as a DICOM Segmentation object: binary, a segment a label, a frame for each slice that has some of it.
///
/// A label without a voxel gets a frame for every slice, all of them empty: an object without frames is not valid, and one
/// with empty frames says, for those who look later, that every image was looked at and nothing was found.
struct SegmentationWriter {
  private let mask: UnsafeBufferPointer<UInt8>
  private let size: GridSize
  private let geometry: SliceGrid
  private let images: [SourceImages.Image]
  private let segments: [SegmentationObject.Segment]
  private let attributes: SegmentationAttributes
  /// Voxels of each segment.
  let counts: [Int]
  /// Frames that were written.
  private(set) var frames = 0

  /// - Parameters:
  ///   - mask: `[z, y, x]`; a voxel of label n is n.
  ///   - labels: names of 1, 2, ...
  ///   - grid: of the mask.
  ///   - metadata: of the mask.
  ///   - seed: of the run.
  /// - Throws: `StageFailure`: GRID_MISMATCH, TOO_LARGE, BAD_AFFINE, SHEARED_ROWS, BAD_LABEL, EMPTY_MASK.
  init(
    _ mask: UnsafeBufferPointer<UInt8>, labels: [String], on grid: Grid, _ source: SourceImages,
    _ parameters: DICOMWriteSegmentation.Parameters, metadata: JSON, seed: UInt64
  ) throws {
    self.mask = mask
    size = grid.size
    if size.x > 65535 || size.y > 65535 {
      throw StageFailure(
        .badInput, code: "TOO_LARGE",
        "slices of \(size.x) x \(size.y) pixels are larger than DICOM allows", port: "mask")
    }
    images = try source.images(under: grid)
    geometry = try SliceGrid(affine: grid.affine.rowMajor)
    counts = Self.count(mask, labels: labels.count)
    if parameters.empty == .refuse, counts.allSatisfy({ $0 == 0 }) {
      throw StageFailure(
        .badInput, code: "EMPTY_MASK", "nothing was found: no voxel of the mask is set",
        hint: "set empty: frames for an object that says so", port: "mask")
    }
    segments = try counts.indices.map { try Self.segment($0, labels, parameters) }
    let algorithm = SegmentationAlgorithm(
      name: parameters.algorithm, version: parameters.algorithm_version, metadata: metadata)
    var uid = DerivedUID("segmentation")
    for text in parameters.identity + [algorithm.name, algorithm.version, algorithm.note] {
      uid.add(text)
    }
    for segment in segments { uid.add(segment.label) }
    uid.add("\(seed) \(size) \(grid.affine.rowMajor)")
    uid.add(source.identity)
    uid.add(UnsafeRawBufferPointer(mask))
    let series = try uid.finish()
    attributes = SegmentationAttributes(
      source: source, parameters: parameters, algorithm: algorithm,
      equipment: parameters.equipment, seriesUID: series,
      instanceUID: try DerivedUID.of("instance", [series, "1"]))
  }

  /// How many voxels have each label, from 1 to the largest that has a name or a voxel.
  private static func count(_ mask: UnsafeBufferPointer<UInt8>, labels: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    for value in mask { counts[Int(value)] += 1 }
    let largest = counts.lastIndex { $0 > 0 } ?? 0
    return Array(counts[1..<(max(1, largest, min(labels, 255)) + 1)])
  }

  private static func segment(
    _ index: Int, _ labels: [String], _ parameters: DICOMWriteSegmentation.Parameters
  ) throws -> SegmentationObject.Segment {
    let label = labels.indices.contains(index) ? labels[index] : "label \(index + 1)"
    let header = try FileHeader()
    if label.isEmpty || !header.setIfAllowed(0x0062_0005, label) {
      throw StageFailure(
        .badInput, code: "BAD_LABEL",
        "the name of label \(index + 1) is nothing that DICOM allows as the label of a segment",
        hint: "1 to 64 characters, and no backslash", port: "mask")
    }
    return SegmentationObject.Segment(
      label: label, category: try parameters.code(parameters.category, index, "category"),
      type: try parameters.code(parameters.type, index, "type"),
      region: try parameters.regionCode)
  }

  /// Writes the file.
  ///
  /// - Parameter progress: called for every frame with 0...1; what it throws ends the writing.
  mutating func write(to path: String, progress: (Double) throws -> Void) throws {
    let source = attributes.source
    let series = attributes.seriesUID
    let isEmpty = counts.allSatisfy { $0 == 0 }
    let object = try SegmentationObject(
      SegmentationObject.Facts(
        rows: size.y, columns: size.x, grid: geometry,
        thickness: source.thickness ?? geometry.distance,
        frameOfReference: source.frameOfReference,
        dimensions: DerivedUID.of("dimensions", [series]),
        label: attributes.parameters.content_label,
        description: isEmpty ? "nothing was found" : attributes.parameters.description,
        creator: attributes.parameters.creator, equipment: attributes.equipment))
    for segment in segments { try object.add(segment, algorithm: attributes.algorithm) }
    try addFrames(to: object, progress: progress)
    let header = try FileHeader()
    try object.move(to: header) { pixels in
      try attributes.fill(header)
      let file = try NewFile(path: path)
      try header.withEncoded(pixelBytes: UInt32(clamping: pixels.count)) { try file.write($0) }
      try file.write(pixels)
      try file.close()
    }
  }

  private mutating func addFrames(
    to object: SegmentationObject, progress: (Double) throws -> Void
  ) throws {
    let count = size.sliceCount
    let pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
    defer { pixels.deallocate() }
    for segment in segments.indices {
      for plane in 0..<size.z {
        try progress(Double(segment * size.z + plane) / Double(segments.count * size.z))
        let z = geometry.isReversed ? size.z - 1 - plane : plane
        var found: UInt8 = 0
        for index in 0..<count {
          let isInside: UInt8 = mask[z * count + index] == UInt8(segment + 1) ? 1 : 0
          pixels[index] = isInside
          found |= isInside
        }
        if found == 0 && counts[segment] > 0 { continue }
        try object.addFrame(
          UnsafeBufferPointer(pixels), segment: segment + 1, slice: z, plane: plane + 1,
          image: images[z])
        frames += 1
      }
    }
  }
}
