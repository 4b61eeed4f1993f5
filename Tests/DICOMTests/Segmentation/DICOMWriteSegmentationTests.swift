import DICOM
import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import TestFolders
import Testing

/// dicom.write-seg on masks of series that dicom.read brought in.
@Suite struct DICOMWriteSegmentationTests {
  private static let plugin = Result { try PluginUnderTest("dicom") }

  /// Slices in all positions, also with a gantry tilt, and frames of one file.
  static let series = ["explicit", "oblique", "sagittal", "tilted", "enhanced"]

  private func source(_ name: String) throws -> Packet {
    let stage = try Self.plugin.get().stage("dicom.read", ["path": .string(Fixtures.folder + name)])
    let cases = try stage.cases()
    try #require(cases.count >= 1)
    return try stage.read(cases[0].name)
  }

  private func affine(_ packet: Packet) -> [Double] { packet.values(of: "affine") }

  /// A mask on the grid of a volume.
  private func mask(
    of volume: Packet, labels: [String] = ["tumour", "oedema"], metadata: JSON = [:],
    sidecar: JSON = [:], value: (Int) -> UInt8
  ) throws -> Packet {
    let shape = try #require(volume.tensor("voxels")?.shape)
    let voxels = (0..<shape.reduce(1, *)).map(value)
    return try Packet.of(
      "mask",
      [
        (TensorRequest("voxels", .uint8, shape), voxels),
        (TensorRequest("affine", .float64, [4, 4]), volume.copy(of: "affine")),
      ],
      metadata: .object(
        (metadata.object ?? [:]).merging(["labels": .array(labels.map(JSON.string))]) { $1 }),
      sidecar: sidecar)
  }

  /// Two labels in a pattern; the first and last slices are empty.
  private func twoLabels(of volume: Packet, sidecar: JSON = [:]) throws -> Packet {
    let shape = try #require(volume.tensor("voxels")?.shape)
    let slice = shape[1] * shape[2]
    return try mask(of: volume, sidecar: sidecar) { index in
      if index < slice || index >= (shape[0] - 1) * slice { return 0 }
      return UInt8(index * 7 % 13 % 3)
    }
  }

  private func write(
    _ mask: Packet, volume: Packet? = nil, _ parameters: [String: JSON] = [:], seed: UInt64 = 1
  ) throws -> LocalCall {
    let stage = try Self.plugin.get().stage("dicom.write-seg", parameters)
    var inputs = ["mask": mask]
    inputs["volume"] = volume
    return try stage.process(inputs, seed: seed)
  }

  private func bytes(_ call: LocalCall) throws -> [UInt8] {
    try Files.read("\(try call.scratch())/segmentation.dcm")
  }

  private func refusal(_ body: () throws -> Void) -> StageFailure? {
    do {
      try body()
      return nil
    } catch { return error as? StageFailure }
  }

  // MARK: Voxels, places, references

  @Test(arguments: series)
  func `voxels are where they were, and each frame refers to its image`(name: String) throws {
    let volume = try source(name)
    let mask = try twoLabels(of: volume)
    let call = try write(mask, volume: volume)
    let file = try ReadElements(file: bytes(call))
    #expect(file.text(0x0008_0016) == "1.2.840.10008.5.1.4.1.1.66.4")
    let shape = try #require(volume.tensor("voxels")?.shape)
    let frames = try #require(file.items[0x5200_9230])
    #expect(frames.count == 2 * (shape[0] - 2))
    #expect(file.numbers(0x0028_0008) == [Double(frames.count)])
    let voxels = mask.values(of: "voxels", UInt8.self)
    let bits = Array(try #require(file.values[0x7fe0_0010]))
    let instances = try #require(
      try JSON(parsing: volume.sidecar)["dicom"]?["instances"]?.array)
    let affine = affine(volume)
    let orientation = file.item(0x5200_9229)?.item(0x0020_9116)?.numbers(0x0020_0037)
    for (number, frame) in frames.enumerated() {
      let segment = try #require(frame.item(0x0062_000a)?.integer(0x0062_000b))
      let place = try #require(frame.item(0x0020_9113)?.numbers(0x0020_0032))
      // The slice whose first voxel is there; DICOM has LPS, decimals have 16 characters.
      let z = try #require(
        (0..<shape[0]).first { z in
          (0..<3).allSatisfy { axis in
            let ras = affine[axis * 4 + 2] * Double(z) + affine[axis * 4 + 3]
            return abs((axis < 2 ? -ras : ras) - place[axis]) < 1e-6
          }
        })
      let count = shape[1] * shape[2]
      for index in 0..<count {
        let bit = number * count + index
        let isSet = bits[bit / 8] >> (bit % 8) & 1 == 1
        #expect(isSet == (voxels[z * count + index] == UInt8(segment)))
      }
      let image = frame.item(0x0008_9124)?.item(0x0008_2112)
      #expect(image?.text(0x0008_1155) == instances[z]["uid"]?.string)
      #expect(image?.text(0x0008_1150) == instances[z]["class"]?.string)
      let isEnhanced = name == "enhanced"
      #expect(
        image?.text(0x0008_1160)
          == (isEnhanced ? instances[z]["frame"]?.integer.map { "\($0)" } : ""))
      #expect(frame.item(0x0020_9111)?.values[0x0020_9157]?.count == 8)
    }
    for (row, value) in [0, 4, 8].map({ affine[$0] }).enumerated() {
      let length = (0..<3).reduce(0.0) { $0 + affine[$1 * 4] * affine[$1 * 4] }.squareRoot()
      #expect(abs((orientation?[row] ?? 9) * (row < 2 ? -1 : 1) - value / length) < 1e-9)
    }
  }

  @Test func `study, patient, frame of reference and series are those of the images`() throws {
    let volume = try source("oblique")
    let file = try ReadElements(file: bytes(write(twoLabels(of: volume), volume: volume)))
    let dicom = try #require(try JSON(parsing: volume.sidecar)["dicom"])
    #expect(file.text(0x0020_000d) == dicom["study_uid"]?.string)
    #expect(file.text(0x0020_0052) == dicom["frame_of_reference_uid"]?.string)
    #expect(file.text(0x0010_0020) == dicom["attributes"]?["00100020"]?.string ?? "")
    #expect(file.text(0x0020_000e).hasPrefix("2.25."))
    let referred = try #require(file.item(0x0008_1115))
    #expect(referred.text(0x0020_000e) == dicom["series_uid"]?.string)
    #expect(
      referred.items[0x0008_114a]?.map { $0.text(0x0008_1155) }
        == dicom["instances"]?.array?.compactMap { $0["uid"]?.string })
  }

  @Test func `segments have codes, and say which algorithm found them`() throws {
    let volume = try source("explicit")
    let mask = try mask(
      of: volume,
      metadata: ["algorithm": ["name": "unet3d", "version": "00ff", "note": "research use only"]]
    ) { UInt8($0 % 3) }
    let file = try ReadElements(
      file: bytes(
        write(
          mask, volume: volume,
          ["type": ["108369006^SCT^Neoplasm", "79654002^SCT^Edema"], "region": ""])))
    let segments = try #require(file.items[0x0062_0002])
    #expect(segments.map { $0.text(0x0062_0005) } == ["tumour", "oedema"])
    #expect(segments.compactMap { $0.integer(0x0062_0004) } == [1, 2])
    #expect(
      segments.map { $0.item(0x0062_000f)?.text(0x0008_0100) } == ["108369006", "79654002"])
    #expect(segments.allSatisfy { $0.item(0x0062_0003)?.text(0x0008_0102) == "SCT" })
    #expect(segments.allSatisfy { $0.text(0x0062_0008) == "AUTOMATIC" })
    #expect(segments.allSatisfy { $0.item(0x0008_2218) == nil })
    #expect(segments.first?.item(0x0062_0007)?.text(0x0066_0031) == "00ff")
    let processing = file.items[0x0018_a001]?.last
    #expect(processing?.text(0x0018_a003) == "research use only")
    let plain = try ReadElements(file: bytes(write(mask, volume: volume, ["algorithm": "other"])))
    #expect(plain.item(0x0062_0002)?.text(0x0062_0009) == "other")
    #expect(
      plain.item(0x0062_0002)?.item(0x0008_2218)?.text(0x0008_0104) == "Brain")
  }

  @Test func `a mask that was made of a volume needs none beside it`() throws {
    let volume = try source("oblique")
    let sidecar = try JSON(parsing: volume.sidecar)
    let mask = try twoLabels(of: volume, sidecar: sidecar)
    #expect(try bytes(write(mask)) == bytes(write(twoLabels(of: volume), volume: volume)))
  }

  @Test func `the same input gives the same bytes, another voxel or seed another object`() throws {
    let volume = try source("explicit")
    let first = try bytes(write(twoLabels(of: volume), volume: volume))
    #expect(try bytes(write(twoLabels(of: volume), volume: volume)) == first)
    let other = try mask(of: volume) { $0 == 0 ? 1 : 0 }
    func uid(_ bytes: [UInt8]) throws -> String { try ReadElements(file: bytes).text(0x0008_0018) }
    #expect(try uid(bytes(write(other, volume: volume))) != uid(first))
    #expect(try uid(bytes(write(twoLabels(of: volume), volume: volume, seed: 2))) != uid(first))
  }

  // MARK: Empty masks

  @Test func `a label without a voxel has an empty frame for every image`() throws {
    let volume = try source("explicit")
    let call = try write(mask(of: volume) { $0 == 17 ? 1 : 0 }, volume: volume)
    let file = try ReadElements(file: bytes(call))
    let segments = file.items[0x5200_9230]?.compactMap {
      $0.item(0x0062_000a)?.integer(0x0062_000b)
    }
    let slices = volume.tensor("voxels")?.shape[0] ?? 0
    #expect(segments == [1] + [Int](repeating: 2, count: slices))
    #expect(file.values[0x7fe0_0010]?.reduce(0) { $0 + $1.nonzeroBitCount } == 1)
    #expect(try call.record.sent.first?.packet.facts["voxels"] == [1, 0])
  }

  @Test func `a mask without a voxel becomes an object that says so, with a frame for every image`()
    throws
  {
    let volume = try source("explicit")
    let call = try write(mask(of: volume) { _ in 0 }, volume: volume)
    let file = try ReadElements(file: bytes(call))
    #expect(file.items[0x5200_9230]?.count == 2 * (volume.tensor("voxels")?.shape[0] ?? 0))
    #expect(file.text(0x0070_0081) == "nothing was found")
    #expect(file.values[0x7fe0_0010]?.allSatisfy { $0 == 0 } == true)
    #expect(try call.record.sent.first?.packet.facts["empty"] == true)
    try expectValid(call)
    let failure = refusal {
      _ = try write(mask(of: volume) { _ in 0 }, volume: volume, ["empty": "refuse"])
    }
    #expect(failure?.code == "EMPTY_MASK" && failure?.category == .badInput)
  }

  // MARK: Validity

  private func expectValid(_ call: LocalCall, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    if !Dciodvfy.isInstalled { return }
    let output = try Dciodvfy.output(of: "\(try call.scratch())/segmentation.dcm")
    #expect(!output.contains("Error"), "\(output)", sourceLocation: sourceLocation)
    #expect(
      output.contains("Segmentation"), "not checked: \(output)", sourceLocation: sourceLocation)
  }

  @Test(.enabled(if: Dciodvfy.isInstalled, "dciodvfy is not installed"), arguments: series)
  func `dciodvfy finds no error`(name: String) throws {
    let volume = try source(name)
    try expectValid(try write(twoLabels(of: volume), volume: volume))
    // One voxel: the frames of the second segment are empty.
    try expectValid(try write(mask(of: volume) { $0 == 17 ? 1 : 0 }, volume: volume))
    try expectValid(
      try write(twoLabels(of: volume), volume: volume, ["region": "", "series_number": 7]))
  }

  // MARK: Refusals

  @Test func `a mask on another grid is refused, one whose slices coincide is not`() throws {
    let volume = try source("explicit")
    let shape = try #require(volume.tensor("voxels")?.shape)
    func moved(_ shape: [Int], _ change: (inout [Double]) -> Void) throws -> Packet {
      var affine = affine(volume)
      change(&affine)
      return try .mask([UInt8](repeating: 1, count: shape.reduce(1, *)), shape, affine: affine)
    }
    let shifted = try moved(shape) { $0[3] += 0.4 }
    let failure = refusal { _ = try write(shifted, volume: volume) }
    #expect(failure?.code == "GRID_MISMATCH" && failure?.port == "mask")
    #expect(failure?.hint.contains("restore.grid") == true)
    let narrow = try moved([shape[0], shape[1], shape[2] - 1]) { _ in }
    #expect(refusal { _ = try write(narrow, volume: volume) }?.code == "GRID_MISMATCH")
    let outside = try moved(shape) { affine in
      for row in 0..<3 { affine[row * 4 + 3] += affine[row * 4 + 2] }
    }
    #expect(refusal { _ = try write(outside, volume: volume) }?.code == "GRID_MISMATCH")
    // The upper slices alone, and all slices the other way round.
    let part = try moved([shape[0] - 1] + shape[1...]) { affine in
      for row in 0..<3 { affine[row * 4 + 3] += affine[row * 4 + 2] }
    }
    let file = try ReadElements(file: bytes(write(part, volume: volume)))
    let uids = try JSON(parsing: volume.sidecar)["dicom"]?["instances"]?.array?
      .compactMap { $0["uid"]?.string }
    let referred = file.items[0x5200_9230]?.compactMap {
      $0.item(0x0008_9124)?.item(0x0008_2112)?.text(0x0008_1155)
    }
    #expect(referred == uids.map { Array($0.dropFirst()) })
    let turned = try moved(shape) { affine in
      for row in 0..<3 {
        affine[row * 4 + 3] += affine[row * 4 + 2] * Double(shape[0] - 1)
        affine[row * 4 + 2] *= -1
      }
    }
    let other = try ReadElements(file: bytes(write(turned, volume: volume)))
    #expect(
      other.items[0x5200_9230]?.compactMap {
        $0.item(0x0008_9124)?.item(0x0008_2112)?.text(0x0008_1155)
      } == uids)
  }

  @Test func `a mask that has left its grid is told where to go`() throws {
    let volume = try source("explicit")
    let shape = try #require(volume.tensor("voxels")?.shape)
    let source: JSON = [
      "shape": .array(shape.map { .integer(Int64($0)) }),
      "affine": .array(affine(volume).map(JSON.number)),
    ]
    var cropped = affine(volume)
    cropped[3] += cropped[0]
    let mask = try Packet.of(
      "mask",
      [
        (
          TensorRequest("voxels", .uint8, [shape[0], shape[1], shape[2] - 1]),
          [UInt8](repeating: 1, count: shape[0] * shape[1] * (shape[2] - 1))
        ),
        (TensorRequest("affine", .float64, [4, 4]), cropped.withUnsafeBytes { Array($0) }),
      ], metadata: ["labels": ["a"], "grid": ["source": source]],
      sidecar: try JSON(parsing: volume.sidecar))
    let failure = refusal { _ = try write(mask) }
    #expect(failure?.code == "GRID_MISMATCH")
    #expect(failure?.hint == "put restore.grid before")
  }

  @Test func `what is not known to be of DICOM images is refused`() throws {
    let volume = try source("explicit")
    #expect(refusal { _ = try write(twoLabels(of: volume)) }?.code == "NO_SOURCE")
    let upright = try Packet.of(
      "mask",
      [
        (
          TensorRequest("voxels", .uint8, try #require(volume.tensor("voxels")?.shape)),
          [UInt8](repeating: 0, count: volume.tensor("voxels")?.shape.reduce(1, *) ?? 0)
        ),
        (TensorRequest("affine", .float64, [4, 4]), volume.copy(of: "affine")),
      ], metadata: ["labels": [], "upright": true], sidecar: try JSON(parsing: volume.sidecar))
    #expect(refusal { _ = try write(upright) }?.code == "UPRIGHT")
    let named = try mask(of: volume, labels: [#"a\b"#]) { _ in 1 }
    #expect(refusal { _ = try write(named, volume: volume) }?.code == "BAD_LABEL")
  }

  @Test(arguments: ["instances", "series_uid", "study_uid", "frame_of_reference_uid"])
  func `UIDs that are none are refused, except for the frame of reference's`(name: String) throws {
    let volume = try source("explicit")
    var dicom = try #require(try JSON(parsing: volume.sidecar)["dicom"]?.object)
    dicom[name] = "no UID"
    if name == "instances" {
      let count = volume.tensor("voxels")?.shape[0] ?? 0
      dicom[name] = .array(
        [JSON](repeating: ["uid": "1.2.x", "class": "1.2.3", "frame": 1], count: count))
    }
    let mask = try twoLabels(of: volume, sidecar: ["dicom": .object(dicom)])
    if name == "frame_of_reference_uid" {
      let file = try ReadElements(file: bytes(write(mask)))
      #expect(file.text(0x0020_0052).hasPrefix("2.25."))
    } else {
      #expect(refusal { _ = try write(mask) }?.code == "BAD_UID")
    }
  }

  @Test(arguments: [
    ("type", JSON.array(["neoplasm"])), ("type", JSON.array([])),
    ("category", JSON.array(["1^SCT^"])), ("region", JSON.string("^^")),
    ("content_label", JSON.string("lower case")), ("algorithm", JSON.string("")),
    ("description", JSON.string(String(repeating: "x", count: 65))),
    ("type", JSON.array([.string(String(repeating: "1", count: 17) + "^SCT^x")])),
  ])
  func `codes and texts that DICOM does not allow are errors of the manifest`(
    parameter: String, value: JSON
  ) throws {
    let failure = refusal {
      _ = try Self.plugin.get().stage("dicom.write-seg", [parameter: value])
    }
    #expect(failure?.category == .badParameter && failure?.parameter == parameter)
  }

  @Test func `a list of codes must cover the labels`() throws {
    let volume = try source("explicit")
    let failure = refusal {
      _ = try write(
        mask(of: volume) { UInt8($0 % 4) }, volume: volume,
        ["type": ["108369006^SCT^Neoplasm", "79654002^SCT^Edema"]])
    }
    #expect(failure?.parameter == "type")
    #expect(failure?.message.contains("label 3") == true)
  }

  @Test func `dicom.read passes over a segmentation and says so`() throws {
    let volume = try source("explicit")
    let call = try write(twoLabels(of: volume), volume: volume)
    let outcome = try Outcome(try call.scratch())
    #expect(outcome.volumes.isEmpty)
    #expect(outcome.skipped.keys.sorted() == ["NO_IMAGE"])
  }
}
