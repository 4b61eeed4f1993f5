internal import PonsKit

/// Gives one case after the other, in order of their keys, with everything that the ports have of it. The packets of one case
/// are in memory at a time.
struct CaseReader {
  /// The packets of a case, at the ports where it has one.
  struct Packets {
    var volume: InputPacket<VolumeKind>?
    var labels: InputPacket<SliceLabelsKind>?
    var cam: InputPacket<HeatmapKind>?
    var enhanced: InputPacket<HeatmapKind>?
    var prompts: InputPacket<PromptsKind>?
    var sam: InputPacket<MaskKind>?
    var mask: InputPacket<MaskKind>?
    var truth: InputPacket<MaskKind>?
  }

  /// Names of the ports that are connected.
  private(set) var connected: Set<String> = []
  /// How many volumes there are.
  var volumes: Int { volume.count }

  private var volume: PortCursor<VolumeKind>
  private var labels: PortCursor<SliceLabelsKind>
  private var cam: PortCursor<HeatmapKind>
  private var enhanced: PortCursor<HeatmapKind>
  private var prompts: PortCursor<PromptsKind>
  private var sam: PortCursor<MaskKind>
  private var mask: PortCursor<MaskKind>
  private var truth: PortCursor<MaskKind>
  private var missing: [String: [CaseRecord.Missing]] = [:]
  /// Cases that are missing somewhere and that have not been given yet, in descending order.
  private var others: [String]

  init(_ context: Context) throws {
    volume = try PortCursor(ReportHTML.volume, context)
    labels = try PortCursor(ReportHTML.labels, context)
    cam = try PortCursor(ReportHTML.cam, context)
    enhanced = try PortCursor(ReportHTML.enhanced, context)
    prompts = try PortCursor(ReportHTML.prompts, context)
    sam = try PortCursor(ReportHTML.sam, context)
    mask = try PortCursor(ReportHTML.segmentation, context)
    truth = try PortCursor(ReportHTML.truth, context)
    others = []
    register(volume)
    register(labels)
    register(cam)
    register(enhanced)
    register(prompts)
    register(sam)
    register(mask)
    register(truth)
    others = missing.keys.sorted(by: >)
  }

  private mutating func register<Kind>(_ cursor: PortCursor<Kind>) {
    if cursor.isConnected { connected.insert(cursor.port.name) }
    for absence in cursor.absent {
      missing[absence.caseKey, default: []]
        .append(CaseRecord.Missing(port: cursor.port.name, absence: absence))
    }
  }

  /// The next case; nil at the end.
  mutating func next() throws -> (key: String, Packets, missing: [CaseRecord.Missing])? {
    let keys = [
      volume.key, labels.key, cam.key, enhanced.key, prompts.key, sam.key, mask.key, truth.key,
      others.last,
    ]
    guard let key = keys.compactMap({ $0 }).min() else { return nil }
    if others.last == key { others.removeLast() }
    let packets = Packets(
      volume: try volume.take(key), labels: try labels.take(key), cam: try cam.take(key),
      enhanced: try enhanced.take(key), prompts: try prompts.take(key), sam: try sam.take(key),
      mask: try mask.take(key), truth: try truth.take(key))
    return (key, packets, missing[key] ?? [])
  }
}
