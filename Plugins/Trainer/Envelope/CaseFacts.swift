internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// What decides whether a case is like those that a model was trained on.
struct CaseFacts: Sendable {
  /// A fact that is one or more numbers.
  enum Measure: String, Sendable, CaseIterable {
    /// Of the volume that the network sees: along z, y and x, in mm.
    case spacing
    /// Of the images that were read: the smallest, the middle and the largest, in mm.
    case sourceSpacing = "source_spacing"
    /// Of the brain mask that the volume was normalised with, in ml.
    case brain = "brain_ml"
    /// Mean over standard deviation of the intensities before they were normalised, which no scaling changes.
    case contrast

    /// For people.
    var name: String {
      switch self {
      case .spacing: "spacing"
      case .sourceSpacing: "spacing of the images that were read"
      case .brain: "volume of the brain"
      case .contrast: "mean over deviation of the intensities"
      }
    }

    var unit: String {
      switch self {
      case .spacing, .sourceSpacing: " mm"
      case .brain: " ml"
      case .contrast: ""
      }
    }
  }

  /// `MR`, `CT`, ...; empty when it is not known.
  let modality: String
  /// Where the axes of the volume point, like `RAS`.
  let orientation: String
  /// Those that are known.
  let measures: [Measure: [Double]]
  /// Whether the volume says that nobody was ever scanned for it.
  let isSynthetic: Bool

  /// Reads them from a volume and its metadata, in which preprocess.normalize notes what normalised voxels no longer tell.
  init(_ volume: GridPacket<VolumeKind>) throws {
    let metadata = try volume.packet.metadata
    modality = metadata["modality"]?.string ?? ""
    orientation = Orientation(nearestTo: volume.grid.affine).description
    func spacing(_ grid: Grid) -> [Double] {
      let spacing = grid.affine.spacing
      return [spacing.z, spacing.y, spacing.x]
    }
    let source = metadata["grid"]?["source"].flatMap { Grid($0) } ?? volume.grid
    var measures: [Measure: [Double]] = [
      .spacing: spacing(volume.grid), .sourceSpacing: spacing(source).sorted(),
    ]
    let normalization = metadata["normalization"]
    if let brain = normalization?["mask_ml"]?.number { measures[.brain] = [brain] }
    if let intensities = normalization?["channels"]?[0], let mean = intensities["mean"]?.number,
      let deviation = intensities["std"]?.number, deviation > 0
    {
      measures[.contrast] = [mean / deviation]
    }
    self.measures = measures.filter { $0.value.allSatisfy(\.isFinite) }
    isSynthetic =
      metadata["synthetic"]?.bool == true
      || metadata["dicom"]?["description"]?.string == "synthetic"
  }
}
