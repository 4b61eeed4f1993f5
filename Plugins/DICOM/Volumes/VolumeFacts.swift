internal import PonsKit

/// What packets, selections and reports say about a volume. Nothing here identifies the patient; free text of the
/// scanner (description, protocol) is for rules to match, and is never shown as it is.
struct VolumeFacts: Sendable {
  let plan: VolumePlan
  let catalogue: Catalogue

  init(_ plan: VolumePlan, _ catalogue: Catalogue) {
    self.plan = plan
    self.catalogue = catalogue
  }

  private var first: Instance? {
    (plan.slices.first?.instance ?? plan.instances.first).map { catalogue.instances[$0] }
  }

  /// A name for a UID that tells nothing about it.
  private static func alias(_ uid: String) -> String { uid.isEmpty ? "" : FNV.hash(uid) }

  /// The value of `dicom` in a volume's metadata.
  var json: JSON {
    guard let first else { return ["problem": .string(plan.problem?.code ?? "")] }
    let frame = plan.slices.first.map { catalogue.frame($0) } ?? first.frames.first
    let facts = first.facts
    var members: [String: JSON] = [
      "study": .string(Self.alias(first.study)), "series": .string(Self.alias(first.series)),
      "volume": .integer(Int64(plan.number)), "volumes_in_series": .integer(Int64(plan.siblings)),
      "sop_class": .string(first.sopClass), "modality": .string(facts.modality),
      "description": .string(facts.description), "protocol": .string(facts.protocolName),
      "body_part": .string(facts.bodyPart), "manufacturer": .string(facts.manufacturer),
      "sequence": .string(facts.sequenceName), "contrast": .bool(facts.hasContrast),
      "image_type": .array(imageType.map(JSON.string)),
      "localizer": .bool(imageType.contains { $0.uppercased().contains("LOCALIZER") }),
      "transfer_syntax": .string(first.syntax.name), "lossy": .bool(first.syntax.isLossy),
      "photometric": .string(first.format.photometric),
      "columns": .integer(Int64(first.format.columns)), "rows": .integer(Int64(first.format.rows)),
      "slices": .integer(Int64(plan.slices.count)),
      "images": .integer(Int64(images)),
      "bits_stored": .integer(Int64(first.format.bitsStored)),
      "signed": .bool(first.format.isSigned),
      "duplicates_dropped": .integer(Int64(plan.duplicates)),
      "notices": .array(plan.notices.map { .string($0.code) }),
    ]
    members["number"] = facts.number.map { .integer(Int64($0)) }
    members["padding"] = first.format.padding.map { .integer(Int64($0)) }
    members["repetition_time"] = facts.repetitionTime.map(JSON.number)
    members["field_strength"] = facts.fieldStrength.map(JSON.number)
    if let frame {
      members["slice_thickness"] = frame.thickness.map(JSON.number)
      members["echo_time"] = frame.traits.echoTime.map { .number(Double($0) / 1000) }
      members["inversion_time"] = frame.traits.inversionTime.map { .number(Double($0) / 1000) }
      members["flip_angle"] = frame.traits.flipAngle.map { .number(Double($0) / 1000) }
      members["b_value"] = frame.traits.bValue.map { .integer(Int64($0)) }
      members["temporal_position"] = frame.traits.temporalPosition.map { .integer(Int64($0)) }
    }
    if let geometry = plan.geometry {
      members["orientation"] = .string(geometry.orientation)
      members["spacing"] = .array(geometry.spacing.map(JSON.number))
      members["tilt"] = .number(geometry.tilt)
    }
    if let problem = plan.problem { members["problem"] = .string(problem.code) }
    if let irregular = plan.irregularities.first {
      members["irregular"] = [
        "after_slice": .integer(Int64(irregular.after)), "distance": .number(irregular.distance),
        "usual": .number(irregular.usual),
      ]
    }
    return .object(members)
  }

  /// What a report may say: facts without free text, but for words of the trade in it.
  var about: [String: JSON] {
    var members = json.object ?? [:]
    for name in [
      "study", "series", "image_type", "sequence", "manufacturer", "sop_class", "problem",
    ] {
      members[name] = nil
    }
    for name in ["description", "protocol", "body_part"] {
      members[name] = members[name]?.string.flatMap { text in
        text.isEmpty ? nil : .string(RedactedPath.describe(text))
      }
    }
    members["files"] = .integer(Int64(plan.instances.count))
    members["notices"] = .array(
      plan.notices.map { ["code": .string($0.code), "text": .string($0.text)] })
    return members
  }

  /// Images that the volume is made of, or might have been: with its duplicates, and also where it was refused.
  private var images: Int {
    plan.instances.reduce(plan.damagedFiles.count) { sum, number in
      sum + max(1, catalogue.instances[number].format.frames)
    }
  }

  private var imageType: [String] {
    let traits = plan.slices.first.map { catalogue.frame($0).traits.imageType } ?? []
    return traits.isEmpty ? first?.facts.imageType ?? [] : traits
  }

  /// What the scanner said about rescaling, and whether it was applied.
  var rescale: JSON {
    let frames = plan.slices.map { catalogue.frame($0) }
    guard let first = frames.first else { return ["applied": false] }
    if frames.allSatisfy({ $0.slope == 1 && $0.intercept == 0 }) { return ["applied": false] }
    let isSame = frames.allSatisfy { $0.slope == first.slope && $0.intercept == first.intercept }
    if isSame {
      return [
        "applied": true, "slope": .number(first.slope), "intercept": .number(first.intercept),
      ]
    }
    return ["applied": true, "per_slice": true]
  }

  /// The value of `dicom` in a volume's sidecar: patient data. Instances are in the order of the slices.
  ///
  /// - Parameter attributes: of the first instance, by tag in hexadecimal.
  func privateJSON(attributes: [String: JSON]) -> JSON {
    guard let first else { return [:] }
    return [
      "phi": true, "study_uid": .string(first.study), "series_uid": .string(first.series),
      "frame_of_reference_uid": .string(first.frameOfReference),
      "attributes": .object(attributes),
      "instances": .array(
        plan.slices.map { slice in
          let instance = catalogue.instances[slice.instance]
          return [
            "uid": .string(instance.sopInstance), "class": .string(instance.sopClass),
            "file": .string(catalogue.files[instance.file].relative),
            "frame": .integer(Int64(catalogue.frame(slice).index + 1)),
            "frames": .integer(Int64(instance.format.frames)),
          ]
        }),
    ]
  }
}

/// A hash for names that need not be secret (Fowler, Noll, Vo, 1a, 64 bits): the packet that it is in holds the UID itself, in
/// its private part.
enum FNV {
  static func hash(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
