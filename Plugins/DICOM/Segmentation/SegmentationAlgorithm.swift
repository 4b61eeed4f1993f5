internal import PonsKit

/// What found the segments.
struct SegmentationAlgorithm: Sendable, Hashable {
  let name: String
  let version: String
  /// What else is worth knowing: the model, that it is for research only. May be empty.
  let note: String

  /// What the manifest says, or else the metadata of the mask (`"algorithm": {"name", "version", "note"}`, which segmenting
  /// stages write), or else this program.
  init(name: String?, version: String?, metadata: JSON) {
    let made = metadata["algorithm"] ?? [:]
    self.name = name ?? made["name"]?.string ?? "Pons"
    self.version = version ?? made["version"]?.string ?? dicomVersion
    note = made["note"]?.string ?? ""
  }
}

/// The equipment that a segmentation says it was made by (DICOM PS3.3 C.7.5.2).
struct SegmentationEquipment: Sendable, Hashable {
  let manufacturer: String
  let model: String
  let serial: String
  let version: String
}
