internal import PonsKit

/// Measures every volume: a table with a row a case.
///
/// NaN voxels do not count; `nan_voxels` says how many there are.
struct VolumeStatistics: Stage {
  static let volume = Input<VolumeKind>("volume", .all, "what is measured")
  static let table = Output<TableKind>("table", .one, "one row a case, sorted by case key")

  static let descriptor = StageDescriptor(
    id: "volume.statistics", version: "1", summary: "measures every volume: a table",
    ports: [volume, table], concurrency: .perInstance)

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    let volumes = try context.inputs(Self.volume)
    var rows = VolumeRows()
    try volumes.forEach { packet in
      let measures = try VolumeMeasures(packet.voxels) { try context.checkCancelled() }
      try rows.append(packet, measures)
      try context.progress(Double(rows.count) / Double(volumes.count))
    }
    try context.send(Self.table, table: rows.table)
  }
}

/// Measures one volume: a table with one row. What cannot be read or measured fails with its own case only.
struct VolumeMeasure: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "what is measured")
  static let table = Output<TableKind>("table", .perCase, "one row")

  static let descriptor = StageDescriptor(
    id: "volume.measure", version: "1", summary: "measures a volume: a table with one row",
    ports: [volume, table], concurrency: .parallel)

  init(_ parameters: NoParameters, _ context: Context) {}

  func process(_ context: Context) throws {
    let packet = try context.input(Self.volume)
    var rows = VolumeRows()
    try rows.append(packet, try VolumeMeasures(packet.voxels) { try context.checkCancelled() })
    try context.send(Self.table, table: rows.table)
  }
}

/// The columns of the table, while they grow.
private struct VolumeRows {
  private var keys: [String] = []
  private var modalities: [String] = []
  private var types: [String] = []
  private var sizes: [[Int64]] = []
  private var grids: [GridMeasures] = []
  private var measures: [VolumeMeasures] = []

  var count: Int { keys.count }

  mutating func append(_ packet: InputPacket<VolumeKind>, _ measured: VolumeMeasures) throws {
    let voxels = try packet.voxels
    keys.append(packet.caseKey)
    modalities.append(try packet.modality ?? "")
    types.append(voxels.type.rawValue)
    // x, y, z, channels
    let shape = voxels.shape.map(Int64.init)
    sizes.append((shape.reversed() + [1, 1, 1, 1]).prefix(4).map { $0 })
    grids.append(GridMeasures(affine: try packet.affine))
    measures.append(measured)
  }

  var table: Table {
    func integers(_ name: String, _ value: (Int) -> Int64) -> Table.Column {
      Table.Column(name, .integers((0..<count).map(value)), unit: "voxels")
    }
    func numbers(_ name: String, unit: String? = nil, _ value: (Int) -> Double) -> Table.Column {
      Table.Column(name, .numbers((0..<count).map(value)), unit: unit)
    }
    var columns = [
      Table.Column("case", .strings(keys)), Table.Column("modality", .strings(modalities)),
      Table.Column("voxel_type", .strings(types)),
      Table.Column("channels", .integers(sizes.map { $0[3] })),
    ]
    for (axis, name) in ["x", "y", "z"].enumerated() {
      columns.append(integers("size_\(name)") { sizes[$0][axis] })
    }
    for (axis, name) in ["x", "y", "z"].enumerated() {
      columns.append(numbers("spacing_\(name)", unit: "mm") { grids[$0].spacing[axis] })
    }
    columns += [
      numbers("minimum") { measures[$0].minimum },
      numbers("maximum") { measures[$0].maximum },
      numbers("mean") { measures[$0].mean },
      numbers("std") { measures[$0].std },
      numbers("nonzero_fraction") { measures[$0].nonzeroFraction },
      numbers("volume_ml", unit: "ml") {
        Double(measures[$0].nonzeroCount) * grids[$0].voxelVolume / 1000
      },
      integers("nan_voxels") { Int64(measures[$0].nanCount) },
    ]
    return Table(columns)
  }
}
