import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import Testing

/// series.select on volumes of a study.
@Suite struct SeriesSelectTests {
  private static let plugin = Result { try PluginUnderTest("cases") }

  /// What dicom.read says about a volume.
  private static func facts(_ number: Int, _ changes: [String: JSON] = [:]) -> JSON {
    .object(
      [
        "modality": "MR", "description": "t1_mprage", "protocol": "DOE JANE", "localizer": false,
        "orientation": "axial", "slices": 24, "images": 24, "slice_thickness": 2.5,
        "contrast": false, "image_type": ["ORIGINAL", "PRIMARY", "M"], "volume": 1,
        "volumes_in_series": 1, "number": .integer(Int64(number)),
      ].merging(changes) { $1 })
  }

  private static let localizer = facts(
    1, ["description": "loc", "localizer": true, "slices": 3, "orientation": "sagittal"])
  private static let t1 = facts(2)
  private static let t2 = facts(3, ["description": "T2 tse", "slices": 30])
  private static let flair = facts(4, ["description": "t2_FLAIR"])
  /// A repeated T1 in which a slice is missing; nothing is known of its geometry.
  private static let damaged = facts(
    5, ["problem": "MISSING_SLICE", "slices": 0, "orientation": nil, "images": 23]
  ).without("orientation")

  /// What becomes of each volume of a study: `chosen`, the reason why not, or a code.
  private func fates(_ study: [JSON], _ parameters: [String: JSON]) throws -> [String] {
    let stage = try Self.plugin.get().stage("series.select", parameters)
    return try study.indices.filter { study[$0]["problem"] == nil }.map { position in
      let metadata: JSON = [
        "modality": "MR", "dicom": study[position],
        "study": ["volumes": .array(study), "position": .integer(Int64(position))],
      ]
      let packet = try Packet.volume([0], .uint8, [1, 1, 1], metadata: metadata)
      do {
        let record = try stage.process(["volume": packet]).record
        if let verdict = record.verdicts.first {
          #expect(record.sent.isEmpty && verdict.decision == .notSelected)
          return verdict.reason
        }
        #expect(record.sent.count == 1 && record.sent.first?.isForwarded == true)
        return "chosen"
      } catch let failure as StageFailure {
        return "\(failure.code): \(failure.message)"
      }
    }
  }

  @Test func `one of T1, T2, FLAIR and a localizer`() throws {
    let study = [Self.localizer, Self.t1, Self.t2, Self.flair]
    #expect(
      try fates(study, ["description": "t1"]) == [
        "description does not match", "chosen", "description does not match",
        "description does not match",
      ])
    #expect(
      try fates(study, ["description": "t2", "exclude": "flair"]) == [
        "description does not match", "description does not match", "chosen",
        "description matches what is excluded",
      ])
    // Without rules a localizer is refused all the same.
    #expect(
      try fates([Self.localizer, Self.t1], [:]) == ["it is a localizer", "chosen"])
    #expect(
      try fates([Self.localizer], ["localizers": "allow"]) == ["chosen"])
  }

  @Test(
    arguments: [
      (["modality": ["CT", "PT"]], "modality is MR, not CT or PT"),
      (["modality": ["ct", "mr"]], "chosen"),
      (["description": "flair"], "description does not match"),
      (["description": "doe"], "chosen"),
      (["exclude": "mprage"], "description matches what is excluded"),
      (["orientation": "sagittal"], "orientation is axial, not sagittal"),
      (["minimum_slices": 25], "24 slices, fewer than 25"),
      (["maximum_slices": 20], "24 slices, more than 20"),
      (["minimum_slices": 24, "maximum_slices": 24], "chosen"),
      (["maximum_thickness": 2], "slices are 2.5 mm thick, more than 2.0 mm"),
      (["minimum_thickness": 3], "slices are 2.5 mm thick, less than 3.0 mm"),
      (["contrast": "yes"], "the header names no contrast agent"), (["contrast": "no"], "chosen"),
      (["image_type": ["original", "M"]], "chosen"),
      (["image_type": ["DERIVED"]], "image type does not contain DERIVED"),
      (["exclude_image_type": ["MPR", "PRIMARY"]], "image type contains PRIMARY"),
    ] as [([String: JSON], String)])
  func `each rule says what does not fit`(parameters: [String: JSON], fate: String) throws {
    #expect(try fates([Self.t1], parameters) == [fate])
  }

  @Test(
    arguments: [
      ("modality", ["modality": ["MR"]], "the modality is not known"),
      ("orientation", ["orientation": "axial"], "the orientation is not known"),
      ("slices", ["minimum_slices": 1], "the number of slices is not known"),
      ("slice_thickness", ["maximum_thickness": 9], "the slice thickness is not known"),
      ("contrast", ["contrast": "no"], "whether a contrast agent was given is not known"),
      ("image_type", ["exclude_image_type": ["MPR"]], "the image type is not known"),
      ("localizer", [:], "whether it is a localizer is not known"),
    ] as [(String, [String: JSON], String)])
  func `what a header does not tell does not match`(
    absent: String, parameters: [String: JSON], fate: String
  ) throws {
    #expect(try fates([Self.t1.without(absent)], parameters) == [fate])
    #expect(try fates([Self.t1], parameters) == ["chosen"])
  }

  @Test func `text that is not there matches nothing, and is not free of what is excluded`() throws
  {
    let bare = Self.t1.without("description").without("protocol")
    let fate = ["there is neither a description nor a protocol name"]
    #expect(try fates([bare], ["description": "."]) == fate)
    #expect(try fates([bare], ["exclude": "gd"]) == fate)
  }

  @Test func `two that match where one is wanted refuse the study, named without patient data`()
    throws
  {
    let study = [Self.t1, Self.facts(7, ["slices": 30, "images": 30]), Self.t2]
    let fates = try fates(study, ["description": "mprage"])
    let message =
      "AMBIGUOUS_SERIES: 2 volumes of the study match where one is wanted: series 2 (axial, 24 slices); series 7 (axial, 30 slices)"
    #expect(fates == [message, message, "description does not match"])
    #expect(
      try self.fates(study, ["description": "mprage", "per_study": "all"]).prefix(2) == [
        "chosen", "chosen",
      ])
    #expect(
      try self.fates(study, ["description": "mprage", "per_study": "first"]).prefix(2) == [
        "chosen", "another series of the study was chosen: series 2 (axial, 24 slices)",
      ])
    #expect(
      try self.fates(study, ["description": "mprage", "per_study": "largest"]).prefix(2) == [
        "another series of the study was chosen: series 7 (axial, 30 slices)", "chosen",
      ])
    // Where first or largest are several, the choice would be a guess as well.
    let twins = [Self.facts(2, ["description": "t1 a"]), Self.facts(2, ["description": "t1 b"])]
    for policy: JSON in ["first", "largest"] {
      #expect(
        try self.fates(twins, ["description": "t1", "per_study": policy]).allSatisfy {
          $0.hasPrefix("AMBIGUOUS_SERIES")
        })
    }
  }

  @Test func `a volume that could not be read holds up the choice while it may be the one`() throws
  {
    let study = [Self.t1, Self.t2, Self.damaged]
    let fate =
      "REFUSED_SERIES: series 5 of the study was refused (MISSING_SLICE) and may be the one that is wanted, so that series 2 (axial, 24 slices) is not taken either"
    #expect(try fates(study, ["description": "mprage"])[0] == fate)
    #expect(try fates(study, ["description": "mprage", "orientation": "axial"])[0] == fate)
    #expect(try fates(study, ["description": "mprage", "refused": "ignore"])[0] == "chosen")
    #expect(try fates(study, ["description": "mprage", "per_study": "all"])[0] == "chosen")
    // What is known of it rules it out.
    #expect(try fates(study, ["description": "mprage", "minimum_slices": 24])[0] == "chosen")
    #expect(try fates(study, ["description": "tse"])[1] == "chosen")
    // It comes behind the first, and is smaller than the largest.
    for policy: JSON in ["first", "largest"] {
      #expect(
        try fates(study, ["description": "mprage", "per_study": policy])[0] == "chosen")
    }
  }

  @Test
  func `a volume without facts about a study is one of its own; without any it is not chosen`()
    throws
  {
    let stage = try Self.plugin.get().stage("series.select", ["localizers": "allow"])
    let bare = try Packet.volume([0], .uint8, [1, 1, 1], metadata: ["modality": "MR"])
    #expect(try stage.process(["volume": bare]).record.sent.count == 1)
    let strict = try Self.plugin.get().stage("series.select", [:])
    #expect(
      try strict.process(["volume": bare]).record.verdicts.map(\.reason) == [
        "whether it is a localizer is not known"
      ])
  }

  @Test(
    arguments: [
      (["description": "t1("], "description"), (["exclude": "*"], "exclude"),
      (["minimum_slices": 9, "maximum_slices": 3], "minimum_slices"),
      (["minimum_thickness": 2, "maximum_thickness": 1], "minimum_thickness"),
    ] as [([String: JSON], String)])
  func `rules that cannot be are an error of the manifest`(
    parameters: [String: JSON], parameter: String
  ) throws {
    let plugin = try Self.plugin.get()
    let failure = #expect(throws: StageFailure.self) {
      try plugin.stage("series.select", parameters)
    }
    #expect(failure?.category == .badParameter && failure?.parameter == parameter)
  }
}

extension JSON {
  fileprivate func without(_ name: String) -> JSON {
    var members = object ?? [:]
    members[name] = nil
    return .object(members)
  }
}
