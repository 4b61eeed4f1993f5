internal import CDCMTK
internal import PonsKit

/// A segmentation that is being made, put together by DCMTK. Used by one thread at a time.
final class SegmentationObject {
  /// What all frames have in common, and what the object says about itself.
  struct Facts {
    let rows: Int
    let columns: Int
    let grid: SliceGrid
    let thickness: Double
    let frameOfReference: String
    /// UID.
    let dimensions: String
    let label: String
    let description: String
    let creator: String
    let equipment: SegmentationEquipment
  }

  /// A label of the mask.
  struct Segment: Hashable {
    let label: String
    let category: SegmentCode
    let type: SegmentCode
    let region: SegmentCode?
  }

  private let handle: OpaquePointer
  private let grid: SliceGrid

  init(_ facts: Facts) throws {
    let texts = CTexts()
    let axes = facts.grid.orientation.map { texts.keep(DecimalString($0).text) }
    var c = pons_segmentation_facts()
    c.rows = UInt16(clamping: facts.rows)
    c.columns = UInt16(clamping: facts.columns)
    c.orientation = (axes[0], axes[1], axes[2], axes[3], axes[4], axes[5])
    c.pixel_spacing = texts.keep(DecimalString.list(facts.grid.spacing))
    c.slice_thickness = texts.keep(DecimalString(facts.thickness).text)
    c.slice_distance = texts.keep(DecimalString(facts.grid.distance).text)
    c.frame_of_reference = texts.keep(facts.frameOfReference)
    c.dimensions = texts.keep(facts.dimensions)
    c.label = texts.keep(facts.label)
    c.description = texts.keep(facts.description)
    c.creator = texts.keep(facts.creator)
    c.manufacturer = texts.keep(facts.equipment.manufacturer)
    c.model = texts.keep(facts.equipment.model)
    c.serial = texts.keep(facts.equipment.serial)
    c.version = texts.keep(facts.equipment.version)
    let made = Refusal.describing { message, capacity in
      withExtendedLifetime(texts) { pons_segmentation_make(&c, message, capacity) }
    }
    guard let handle = made.answer else { throw Refusal.failure(made.message) }
    self.handle = handle
    grid = facts.grid
  }

  deinit { pons_segmentation_free(handle) }

  /// Adds the next segment; the first has the number 1.
  func add(_ segment: Segment, algorithm: SegmentationAlgorithm) throws {
    let texts = CTexts()
    func code(_ code: SegmentCode) -> pons_code {
      pons_code(
        value: texts.keep(code.value), scheme: texts.keep(code.scheme),
        meaning: texts.keep(code.meaning))
    }
    var c = pons_segment()
    c.label = texts.keep(segment.label)
    c.category = code(segment.category)
    c.type = code(segment.type)
    if let region = segment.region { c.region = code(region) }
    c.family = code(.artificialIntelligence)
    c.algorithm = texts.keep(algorithm.name)
    c.version = texts.keep(algorithm.version)
    try Refusal.check { message, capacity in
      withExtendedLifetime(texts) {
        pons_segmentation_add_segment(handle, &c, message, capacity)
      }
    }
  }

  /// Adds a frame.
  ///
  /// - Parameters:
  ///   - pixels: rows * columns, 0 or 1.
  ///   - segment: its number.
  ///   - z: slice of the mask.
  ///   - plane: its number along the normal, from 1.
  ///   - image: what it was found in.
  func addFrame(
    _ pixels: UnsafeBufferPointer<UInt8>, segment: Int, slice z: Int, plane: Int,
    image: SourceImages.Image
  ) throws {
    let texts = CTexts()
    let place = grid.position(slice: z)
    var c = pons_segment_frame()
    c.segment = UInt16(clamping: segment)
    c.pixels = pixels.baseAddress
    c.position = (
      texts.keep(DecimalString(place.x).text), texts.keep(DecimalString(place.y).text),
      texts.keep(DecimalString(place.z).text)
    )
    c.plane = UInt32(clamping: plane)
    c.source_class = texts.keep(image.sopClass)
    c.source = texts.keep(image.uid)
    c.source_frame = UInt16(clamping: image.frame)
    try Refusal.check { message, capacity in
      withExtendedLifetime(texts) { pons_segmentation_add_frame(handle, &c, message, capacity) }
    }
  }

  /// Moves everything but the pixels to a header that was just made, and lends the pixels, one bit a voxel.
  func move<Result>(
    to header: FileHeader, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    var pixels: UnsafePointer<UInt8>?
    let moved = Refusal.describing { message, capacity in
      pons_segmentation_move(handle, header.handle, &pixels, message, capacity)
    }
    guard moved.answer >= 0, let pixels else { throw Refusal.failure(moved.message) }
    return try withExtendedLifetime(self) {
      try body(UnsafeRawBufferPointer(start: pixels, count: Int(moved.answer)))
    }
  }
}

/// What DCMTK says when it refuses something.
private enum Refusal {
  /// Calls `body` with room for a message.
  static func describing<Answer>(
    _ body: (UnsafeMutablePointer<CChar>?, UInt64) -> Answer
  ) -> (answer: Answer, message: String) {
    var message = [CChar](repeating: 0, count: 256)
    let answer = message.withUnsafeMutableBufferPointer { body($0.baseAddress, UInt64($0.count)) }
    return (answer, String(cBuffer: message))
  }

  static func check(_ body: (UnsafeMutablePointer<CChar>?, UInt64) -> Int32) throws {
    let done = describing(body)
    if done.answer != 0 { throw failure(done.message) }
  }

  static func failure(_ message: String) -> StageFailure {
    StageFailure(
      .internal, code: "NOT_ENCODED", "the segmentation cannot be put together: \(message)")
  }
}
