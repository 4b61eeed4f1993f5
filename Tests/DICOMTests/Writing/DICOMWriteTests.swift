import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import Testing

/// dicom.write, read back by dicom.read and judged by dciodvfy.
@Suite struct DICOMWriteTests {
  private static let plugin = Result { try PluginUnderTest("dicom") }

  /// A call that wrote a series; holds the files.
  private struct Written {
    let call: LocalCall
    var folder: String { get throws { try call.scratch() } }
    var metadata: JSON {
      get throws { try JSON(parsing: call.record.sent.first?.packet.metadata ?? "{}") }
    }
    var names: [String] {
      get throws { (try metadata["files"]?.array ?? []).compactMap { $0["name"]?.string } }
    }
    var digests: [String] {
      get throws { (try metadata["files"]?.array ?? []).compactMap { $0["sha256"]?.string } }
    }
    var maximumError: Double { get throws { try #require(try metadata["maximum_error"]?.number) } }
  }

  private func write(
    _ packet: Packet, _ parameters: [String: JSON] = [:], seed: UInt64 = 1
  ) throws -> Written {
    let stage = try Self.plugin.get().stage("dicom.write", parameters)
    return Written(call: try stage.process(["volume": packet], seed: seed))
  }

  /// Reads a series back; its files stay as long as `written` does.
  private func read(_ written: Written) throws -> Packet {
    try withExtendedLifetime(written) {
      let stage = try Self.plugin.get().stage(
        "dicom.read", ["path": .string(try written.folder)])
      let cases = try stage.cases()
      try #require(cases.count == 1)
      return try stage.read(cases[0].name)
    }
  }

  private func packet(_ volume: RandomVolume, modality: String = "MR", sidecar: JSON = [:]) throws
    -> Packet
  {
    try Packet.volume(
      volume.bytes, volume.type, volume.shape, affine: volume.affine,
      metadata: ["modality": .string(modality)], sidecar: sidecar)
  }

  /// The voxels of a packet as numbers.
  private func numbers(_ packet: Packet) throws -> [Double] {
    let voxels = try #require(packet.tensor("voxels"))
    func all<Value: BitwiseCopyable>(_: Value.Type, _ double: (Value) -> Double) -> [Double] {
      packet.withBytes(of: "voxels") { $0.map { $0.bindMemory(to: Value.self).map(double) } ?? [] }
    }
    switch voxels.type {
    case .uint8: return all(UInt8.self) { Double($0) }
    case .int8: return all(Int8.self) { Double($0) }
    case .uint16: return all(UInt16.self) { Double($0) }
    case .int16: return all(Int16.self) { Double($0) }
    case .uint32: return all(UInt32.self) { Double($0) }
    case .int32: return all(Int32.self) { Double($0) }
    case .float32: return all(Float.self) { Double($0) }
    case .float64: return all(Double.self) { $0 }
    default: throw StageFailure(.internal, "dicom.read does not send \(voxels.type)")
    }
  }

  private func affine(_ packet: Packet) -> [Double] {
    packet.withBytes(of: "affine") { $0.map { Array($0.bindMemory(to: Double.self)) } ?? [] }
  }

  // MARK: There and back

  @Test(arguments: ElementType.allCases, ["mr", "ct", "sc"])
  func `what is written is read back, on any grid`(type: ElementType, object: String) throws {
    for seed in 0..<12 {
      let volume = RandomVolume(type, seed: UInt64(seed))
      let written = try write(try packet(volume), ["as": .string(object)])
      let back = try read(written)
      let note: Comment = "\(type) \(object) seed \(seed) shape \(volume.shape)"
      try #require(back.tensor("voxels")?.shape == volume.shape, note)
      // Against the normal, the last slice of the volume is the first of the series.
      let slices = volume.shape[0]
      let isTurned = slices > 1 && !volume.isAlongNormal
      let expected = turned(volume, isTurned)
      let found = try numbers(back)
      let bound = try written.maximumError
      if type.isExact { #expect(bound == 0, note) }
      // A rescaled voxel is rounded to a float32 by the reader.
      let isRounded = back.tensor("voxels")?.type == .float32
      let far = zip(found, expected.values).map { found, value in
        abs(found - value) - bound * (1 + 1e-9) - (isRounded ? abs(value) * 0x1p-23 : 0)
      }
      #expect((far.max() ?? 0) <= 0, note)
      let difference = zip(affine(back), expected.affine).enumerated().map { index, pair in
        // One slice alone has no direction but the normal, and its shear is of no meaning.
        slices == 1 && index % 4 == 2 ? 0 : abs(pair.0 - pair.1)
      }
      #expect((difference.max() ?? 1) < 1e-4, note)
    }
  }

  /// The same image with its slices in the other order.
  private func turned(_ volume: RandomVolume, _ isTurned: Bool) -> (
    values: [Double], affine: [Double]
  ) {
    if !isTurned { return (volume.values, volume.affine) }
    let last = volume.shape[0] - 1
    let size = volume.shape[1] * volume.shape[2]
    let values = (0...last).flatMap { volume.values[(last - $0) * size..<(last - $0 + 1) * size] }
    var affine = volume.affine
    for row in stride(from: 0, to: 12, by: 4) {
      affine[row + 3] += affine[row + 2] * Double(last)
      affine[row + 2] = -affine[row + 2]
    }
    return (values, affine)
  }

  @Test func `whole numbers are exact in any type, as long as their range fits`() throws {
    let values: [Float] = [-40_000, 0, 25_535, 3]
    let bytes = values.withUnsafeBytes { Array($0) }
    let written = try write(try Packet.volume(bytes, .float32, [1, 2, 2]))
    #expect(try written.maximumError == 0)
    #expect(try numbers(read(written)) == values.map(Double.init))
  }

  @Test func `what a scanner had rescaled gets its pixels back, unless somebody changed a voxel`()
    throws
  {
    let pixels = [-7.0, 0, 1, 4095]
    var values = pixels.map { Float($0 * 0.37 + 1.5) }
    let rescale: JSON = ["applied": true, "slope": 0.37, "intercept": 1.5]
    func written() throws -> Written {
      let bytes = values.withUnsafeBytes { Array($0) }
      return try write(
        try Packet.volume(
          bytes, .float32, [1, 2, 2], metadata: ["modality": "MR", "rescale": rescale]))
    }
    let kept = try written()
    #expect(try kept.maximumError == 0)
    #expect(try numbers(read(kept)) == values.map(Double.init))
    values[2] += 0.1
    #expect(try written().maximumError > 0)
  }

  @Test func `equal inputs give equal files; another voxel, case or seed another series`() throws {
    let volume = RandomVolume(.int16, seed: 3)
    let first = try write(try packet(volume)).digests
    #expect(try write(try packet(volume)).digests == first)
    #expect(try write(try packet(volume), seed: 2).digests != first)
    var other = volume
    other.bytes[0] ^= 1
    let changed = try write(try packet(other))
    let (one, two) = (
      try read(try write(try packet(volume))), try read(changed)
    )
    #expect(try uid(one, "series_uid") != uid(two, "series_uid"))
    #expect(try uid(one, "study_uid") == uid(two, "study_uid"), "it is the same case")
    #expect(try uid(one, "series_uid").hasPrefix("2.25."))
  }

  private func uid(_ packet: Packet, _ name: String) throws -> String {
    try #require(try JSON(parsing: packet.sidecar)["dicom"]?[name]?.string)
  }

  @Test func `volumes that are told to be of one study are`() throws {
    let packets = try [RandomVolume(.int16, seed: 1), RandomVolume(.int16, seed: 2)].map {
      try read(write(packet($0), ["study": "visit 1"]))
    }
    #expect(try uid(packets[0], "study_uid") == uid(packets[1], "study_uid"))
    #expect(
      try uid(packets[0], "frame_of_reference_uid") == uid(packets[1], "frame_of_reference_uid"))
  }

  // MARK: What is known about the source

  /// What dicom.read puts into a sidecar, with values that break the rules among them.
  private static let source: JSON = [
    "dicom": [
      "study_uid": "1.2.3.4", "series_uid": "1.2.3.4.5", "frame_of_reference_uid": "1.2.3.4.6",
      "attributes": [
        "00100010": "M\u{fc}ller^J\u{f6}rg", "00100020": "4711", "00100030": "19600131",
        "00100040": "male?", "00080020": "20240115", "00080030": "101500", "00080060": "MR",
        "00080070": "Scanner works", "00081030": "Brain", "0008103E": "t1", "00180015": "BRAIN",
        "00180020": "GR\\IR", "00180080": "2300", "00180082": "900", "00200011": "5",
        "00185100": "HFS", "00180087": "three",
      ],
    ]
  ]

  @Test
  func `patient, study, frame of reference and equipment stay; what breaks the rules does not`()
    throws
  {
    let volume = RandomVolume(.int16, seed: 4)
    let written = try write(
      try packet(volume, sidecar: Self.source), ["patient_name": "Nobody", "description": "mask"])
    let back = try read(written)
    #expect(try uid(back, "study_uid") == "1.2.3.4")
    #expect(try uid(back, "frame_of_reference_uid") == "1.2.3.4.6")
    #expect(try uid(back, "series_uid") != "1.2.3.4.5")
    let attributes = try #require(try JSON(parsing: back.sidecar)["dicom"]?["attributes"]?.object)
    let expected: [String: JSON] = [
      "00100010": "M\u{fc}ller^J\u{f6}rg", "00100020": "4711", "00100030": "19600131",
      "00080020": "20240115", "00080070": "Scanner works", "00081030": "Brain",
      "0008103E": "mask", "00180020": "GR\\IR", "00180080": "2300", "00180082": "900",
      "00200011": "1005",
    ]
    for (tag, value) in expected { #expect(attributes[tag] == value, "\(tag)") }
    #expect(attributes["00100040"] == nil && attributes["00180087"] == nil)
    try expectValid(written)
  }

  @Test func `a volume of no patient says so`() throws {
    let back = try read(try write(try packet(RandomVolume(.int16, seed: 5))))
    let attributes = try JSON(parsing: back.sidecar)["dicom"]?["attributes"]
    #expect(attributes?["00100010"] == "ANON^SYNTHETIC")
    #expect(attributes?["00100020"] == "synthetic")
    #expect(attributes?["0008103E"] == "synthetic")
  }

  // MARK: Validity

  /// dciodvfy finds no error in any file.
  private func expectValid(_ written: Written, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    if !Dciodvfy.isInstalled { return }
    for name in try written.names {
      let output = try Dciodvfy.output(of: "\(written.folder)/\(name)")
      #expect(!output.contains("Error"), "\(name): \(output)", sourceLocation: sourceLocation)
      #expect(output.contains("Image"), "it was not checked", sourceLocation: sourceLocation)
    }
  }

  @Test(
    .enabled(if: Dciodvfy.isInstalled, "dciodvfy is not installed"),
    arguments: ["mr", "ct", "sc"], [ElementType.uint8, .int16, .uint16, .float32, .uint64])
  func `dciodvfy finds no error`(object: String, type: ElementType) throws {
    for seed in 20..<23 {
      let volume = RandomVolume(type, seed: UInt64(seed))
      try expectValid(try write(try packet(volume), ["as": .string(object)]))
      try expectValid(
        try write(try packet(volume, sidecar: Self.source), ["as": .string(object)]))
    }
  }

  @Test(.enabled(if: Dciodvfy.isInstalled, "dciodvfy is not installed"))
  func `dciodvfy can find an error`() throws {
    let written = try write(try packet(RandomVolume(.int16, seed: 6)))
    let path = "\(try written.folder)/0001.dcm"
    // The scanning sequence becomes something that is none.
    _ = try Dciodvfy.shell("LC_ALL=C sed -i 's/CS\\x02\\x00RM/CS\\x02\\x00ZZ/' '\(path)'")
    let found = try Dciodvfy.output(of: path)
    #expect(found.contains("Error"), "\(found)")
  }

  // MARK: Refusals

  @Test(
    arguments: [
      ("SHEARED_ROWS", [1, 0.01, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
      ("BAD_AFFINE", [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
      ("BAD_AFFINE", [1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]),
      ("BAD_AFFINE", [.nan, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
      ("BAD_AFFINE", [1, 0, 0, 1e7, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
      ("BAD_AFFINE", [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1]),
    ] as [(String, [Double])])
  func `grids that DICOM does not have are refused`(code: String, affine: [Double]) throws {
    let packet = try Packet.volume([1, 2], .uint8, [2, 1, 1], affine: affine)
    let failure = #expect(throws: StageFailure.self) { try write(packet) }
    #expect(failure?.code == code && failure?.category == .badInput)
  }

  @Test func `voxels that DICOM does not have are refused`() throws {
    func code(_ packet: Packet) -> String? {
      do {
        _ = try write(packet)
        return nil
      } catch { return (error as? StageFailure)?.code }
    }
    let nan = [Float.nan, 1].withUnsafeBytes { Array($0) }
    #expect(code(try Packet.volume(nan, .float32, [2, 1, 1])) == "NOT_FINITE")
    let huge = [1e301, -1].withUnsafeBytes { Array($0) }
    #expect(code(try Packet.volume(huge, .float64, [2, 1, 1])) == "VALUE_RANGE")
    #expect(code(try Packet.volume([1, 2], .uint8, [2, 1, 1, 1])) == "NOT_3D")
    #expect(code(try Packet.volume([], .uint8, [2, 0, 1])) == "EMPTY")
    #expect(code(try Packet.volume([1], .uint8, [1, 1, 1])) == nil)
    #expect(code(try Packet.of("table", metadata: ["columns": []])) == "NOT_AN_IMAGE")
  }

  @Test func `a name that DICOM does not allow is an error of the manifest`() throws {
    let packet = try packet(RandomVolume(.int16, seed: 7))
    for (parameter, value) in [
      ("patient_id", "a\\b"), ("description", String(repeating: "x", count: 65)),
    ] {
      let failure = #expect(throws: StageFailure.self) {
        try write(packet, [parameter: .string(value)])
      }
      #expect(failure?.category == .badParameter && failure?.parameter == parameter)
    }
  }
}

extension ElementType {
  /// Whether every value of it that the tests make fits into 16 bits.
  fileprivate var isExact: Bool {
    switch self {
    case .bool, .uint8, .int8, .uint16, .int16, .uint32, .int64: true
    default: false
    }
  }
}
