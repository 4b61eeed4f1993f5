internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// The images that a mask was found in, as dicom.read notes them in the sidecar of their volume, which travels on with what
/// is made of it. Patient data.
struct SourceImages {
  /// An image, or a frame of one.
  struct Image: Hashable {
    let uid: String
    let sopClass: String
    /// From 1; 0 when the image has no other.
    let frame: Int
  }

  let origin: VolumeOrigin
  let series: String
  /// In the order of the slices.
  let images: [Image]
  /// The grid that was read.
  let grid: Grid

  /// - Parameters:
  ///   - own: the grid of the packet; images lie on it unless the metadata say that the packet has left another one.
  /// - Throws: `StageFailure` of category `badInput`: NO_SOURCE, BAD_UID, UPRIGHT, NOT_REGULAR, BAD_GRID, GRID_MISMATCH.
  init(metadata: JSON, sidecar: JSON, own: Grid, port: String) throws {
    let dicom = sidecar["dicom"] ?? [:]
    origin = VolumeOrigin(metadata: metadata, sidecar: sidecar)
    series = dicom["series_uid"]?.string ?? ""
    images = (dicom["instances"]?.array ?? []).compactMap { instance in
      guard let uid = instance["uid"]?.string, let sopClass = instance["class"]?.string,
        !uid.isEmpty, !sopClass.isEmpty
      else { return nil }
      let isOne = (instance["frames"]?.integer ?? 1) <= 1
      return Image(
        uid: uid, sopClass: sopClass,
        frame: isOne ? 0 : Int(truncatingIfNeeded: instance["frame"]?.integer ?? 1))
    }
    if images.isEmpty || series.isEmpty || !origin.isKnown {
      throw StageFailure(
        .badInput, code: "NO_SOURCE",
        "the \(port) does not say which DICOM images it was made of, and a segmentation refers to them",
        hint: "connect the volume of dicom.read to 'volume'; for what is no DICOM, write NIfTI",
        port: port)
    }
    if metadata["upright"]?.bool == true {
      throw StageFailure(
        .badInput, code: "UPRIGHT",
        "the volume was resampled out of a gantry tilt, so that its slices are not those of the images",
        hint: "read with upright: false", port: port)
    }
    if metadata["dicom"]?["irregular"] != nil {
      throw StageFailure(
        .badInput, code: "NOT_REGULAR",
        "the images do not lie at regular distances, so that it is not known where each slice is",
        hint: "read with on_gap: split", port: port)
    }
    grid = try Self.source(metadata, port: port) ?? own
    if grid.size.z != images.count {
      throw StageFailure(
        .badInput, code: "GRID_MISMATCH",
        "the \(port) has \(grid.size.z) slices and was made of \(images.count) images",
        hint: "connect the volume of dicom.read to 'volume'", port: port)
    }
    try checkUIDs(port: port)
  }

  /// Readers forgive UIDs that are none; what refers to them must not have any.
  private func checkUIDs(port: String) throws {
    let header = try FileHeader()
    let isSound = images.allSatisfy {
      header.setIfAllowed(0x0008_1155, $0.uid) && header.setIfAllowed(0x0008_1150, $0.sopClass)
    }
    if isSound, header.setIfAllowed(0x0020_000e, series),
      header.setIfAllowed(0x0020_000d, origin.study ?? "")
    {
      return
    }
    throw StageFailure(
      .badInput, code: "BAD_UID",
      "the images, their series or their study have UIDs that DICOM does not allow, and a segmentation refers to them",
      hint: "repair the UIDs of the images", port: port)
  }

  /// The coordinate system of the images; one of its own where they name none.
  var frameOfReference: String {
    get throws {
      let header = try FileHeader()
      if let uid = origin.frameOfReference, header.setIfAllowed(0x0020_0052, uid) { return uid }
      return try DerivedUID.of("frame of reference", [series])
    }
  }

  /// The grid that a packet has left.
  private static func source(_ metadata: JSON, port: String) throws -> Grid? {
    guard let note = metadata["grid"] else { return nil }
    guard let grid = note["source"].flatMap({ Grid($0) }) else {
      throw StageFailure(
        .badInput, code: "BAD_GRID",
        "'grid' in the metadata must have a 'source' with a shape and an affine", port: port)
    }
    return grid
  }

  /// The images that the slices of a mask coincide with, one a slice.
  ///
  /// - Throws: `StageFailure` of category `badInput`, GRID_MISMATCH, when a slice does not coincide with an image.
  func images(under mask: Grid) throws -> [Image] {
    let map = LatticeMap(from: mask, onto: grid)
    guard let map, map.axes == [0, 1, 2], map.steps[0] == 1, map.steps[1] == 1,
      map.offset[0] == 0, map.offset[1] == 0, mask.size.x == grid.size.x,
      mask.size.y == grid.size.y
    else { throw Self.mismatch(mask.difference(to: grid) ?? "the axes differ") }
    return try (0..<mask.size.z).map { z in
      let slice = map.offset[2] + map.steps[2] * z
      guard images.indices.contains(slice) else {
        throw Self.mismatch("slice \(z) lies outside of the images")
      }
      return images[slice]
    }
  }

  private static func mismatch(_ difference: String) -> StageFailure {
    StageFailure(
      .badInput, code: "GRID_MISMATCH",
      "the slices of the mask do not coincide with the images that it refers to: \(difference)",
      hint: "put restore.grid before", port: "mask")
  }

  /// Of a slice, in mm, as the scanner says it; slices of a mask are as far apart as the images.
  var thickness: Double? {
    origin.attribute(0x0018_0050).flatMap { Double($0) }.flatMap { 1e-6..<1e4 ~= $0 ? $0 : nil }
  }

  /// What identifies the images.
  var identity: String {
    ([origin.identity, series] + images.map { "\($0.uid) \($0.frame)" }).joined(separator: "\n")
  }
}
