internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Makes what the report says about a case of its packets.
///
/// A packet that is not as it should be is noted with the case, and the page goes on without it: what was computed should not be
/// lost for a picture.
struct CaseBuilder {
  private(set) var record: CaseRecord
  private var layers: CaseLayers?

  /// Measures the masks, and reads what the labeler says.
  init(_ key: String, _ packets: CaseReader.Packets, missing: [CaseRecord.Missing]) {
    record = CaseRecord(key: key)
    record.missing = missing
    record.hasVolume = packets.volume != nil
    let sam = grid(packets.sam, "sam")
    let mask = grid(packets.mask, "segmentation")
    let truth = grid(packets.truth, "truth")
    record.sam = extent(sam, "sam")
    record.mask = extent(mask, "segmentation")
    record.truth = extent(truth, "truth")
    guard let volume = grid(packets.volume, "volume") else { return }
    let (size, spacing) = (volume.size, volume.grid.affine.spacing)
    record.grid = ([size.z, size.y, size.x], [spacing.z, spacing.y, spacing.x])
    if let labels = packets.labels {
      record.profile = attempt("labels") { try Self.profile(labels, slices: size.z) } ?? .init()
    }
    record.profile.slices = size.z
    var layers = CaseLayers(volume: volume)
    layers.cam = onGrid(grid(packets.cam, "cam"), "cam", volume.grid)
    layers.enhanced = onGrid(grid(packets.enhanced, "enhanced"), "enhanced", volume.grid)
    layers.sam = record.sam == nil ? nil : onGrid(sam, "sam", volume.grid)
    layers.mask = record.mask == nil ? nil : onGrid(mask, "segmentation", volume.grid)
    layers.truth = record.truth == nil ? nil : onGrid(truth, "truth", volume.grid)
    if let prompts = packets.prompts {
      layers.prompts = attempt("prompts") {
        try PromptList(prompts, on: volume.grid, port: "prompts")
      }
    }
    if let mask = layers.mask {
      record.profile.mask = attempt("segmentation") { try mask.voxelsBySlice() } ?? []
    }
    self.layers = layers
  }

  /// Adds pictures of the slices that show most.
  ///
  /// - Parameters:
  ///   - count: how many slices at most.
  ///   - longest: pixels that a side of a picture has at most.
  mutating func addPictures(slices count: Int, longest: Int, threads: Int) {
    guard let layers else { return }
    record.pictures = attempt("volume") {
      try layers.pictures(
        SliceChoice.slices(layers.amounts(), count: count), longest: longest, threads: threads)
    }
  }

  private static func profile(_ labels: InputPacket<SliceLabelsKind>, slices: Int) throws
    -> CaseRecord.Profile
  {
    let classes = try SliceClasses(labels, slices: slices, port: "labels")
    let last = classes.classes.count - 1
    var profile = CaseRecord.Profile()
    profile.isLabelled = classes.labels.map { label in label.map { $0 == last } }
    profile.className = classes.classes.last ?? ""
    let probability = try labels.probability
    guard probability.shape == [slices, classes.classes.count], last >= 0 else { return profile }
    let values = try probability.array(of: Float.self)
    profile.probability = (0..<slices).map { z in
      let value = Double(values[z * (last + 1) + last])
      return value.isFinite ? min(1, max(0, value)) : 0
    }
    return profile
  }

  private mutating func grid<Kind>(_ packet: InputPacket<Kind>?, _ port: String) -> GridPacket<
    Kind
  >? {
    guard let packet else { return nil }
    return attempt(port) { try GridPacket(packet, port: port) }
  }

  private mutating func onGrid<Kind>(_ packet: GridPacket<Kind>?, _ port: String, _ grid: Grid)
    -> GridPacket<Kind>?
  {
    guard let packet else { return nil }
    return attempt(port) {
      try packet.require(grid, port: port, "it and the volume")
      return packet
    }
  }

  /// Voxels and volume of a mask.
  private mutating func extent(_ mask: GridPacket<MaskKind>?, _ port: String)
    -> CaseRecord.Extent?
  {
    guard let mask else { return nil }
    return attempt(port) {
      let voxels = try mask.voxelsBySlice().reduce(0, +)
      return CaseRecord.Extent(
        voxels: voxels, volume: Double(voxels) * abs(mask.grid.affine.determinant) / 1000)
    }
  }

  private mutating func attempt<Result>(_ port: String, _ body: () throws -> Result) -> Result? {
    do {
      return try body()
    } catch {
      let reason = (error as? StageFailure)?.message ?? "\(error)"
      record.notes.append("What came in at '\(port)' is not shown: \(reason).")
    }
    return nil
  }
}
