internal import PonsFiles
internal import PonsKit

/// One image file, as far as its header tells.
struct Instance: Sendable {
  /// Which file it is, in the list of files.
  var file: Int
  /// What the file was when its header was read.
  var identity: OpenFile.Identity
  var syntax: TransferSyntax
  var pixels: DataSetStructure.Pixels?

  // Identity: patient data, never shown.
  var sopInstance: String
  var series: String
  var study: String
  var frameOfReference: String

  var sopClass: String
  var facts: SeriesFacts
  var instanceNumber: Int?
  /// What may tell time points apart when nothing better does, best first.
  var timing: [Double?]

  var format: PixelFormat
  var frames: [Frame]
  /// Why the file cannot become part of a volume; its series is refused with it.
  var problem: StageFailure?
}

/// What a series is, in words and numbers that a selection may ask for.
struct SeriesFacts: Sendable, Hashable {
  var modality = ""
  /// Free text: part of a packet, but never shown as it is.
  var description = ""
  var protocolName = ""
  var bodyPart = ""
  var number: Int?
  var imageType: [String] = []
  var hasContrast = false
  var manufacturer = ""
  var sequenceName = ""
  var repetitionTime: Double?
  var fieldStrength: Double?
}

/// One image of a file, as its functional groups or the data set itself tell (DICOM PS3.3 C.7.6.2, C.7.6.16).
struct Frame: Sendable {
  /// Where the first pixel is.
  enum Position: Sendable, Equatable {
    /// Center of the first pixel in mm, LPS.
    case known([Double])
    case missing
    /// Not three numbers.
    case refused
  }

  /// Number of the frame in its file, from 0.
  var index: Int
  var position: Position
  /// Directions of rows and of columns, LPS: six numbers; nil when they are missing or no directions.
  var orientation: [Double]?
  /// Between rows and between columns in mm; nil when missing or not positive.
  var spacing: [Double]?
  var thickness: Double?
  var spacingBetweenSlices: Double?
  var slope: Double
  var intercept: Double
  /// Slope or intercept is there and no number.
  var isRescaleRefused: Bool
  var traits: VolumeTraits
  /// What may tell time points apart, as ``Instance/timing``; of frames of enhanced images only.
  var timing: [Double?] = []
}

/// What is equal in all slices of a volume, and tells the volumes of a series apart.
struct VolumeTraits: Sendable, Hashable {
  var imageType: [String] = []
  var echoNumber: Int?
  /// In µs, so that equal times are equal.
  var echoTime: Int?
  var inversionTime: Int?
  var flipAngle: Int?
  /// In s/mm².
  var bValue: Int?
  /// Direction of the diffusion gradient in thousandths.
  var gradient: [Int] = []
  var temporalPosition: Int?
  var stack: String?
  var component: String?
  var channel: Int?

  /// Whether two slices may be of one volume. Some scanners write an echo time that they measured: it wanders a little from
  /// slice to slice, by much less than two echoes are apart.
  func agree(with other: Self) -> Bool {
    if self == other { return true }
    guard let mine = echoTime, let its = other.echoTime,
      abs(mine - its) <= max(10, max(abs(mine), abs(its)) / 200)
    else { return false }
    var same = self
    same.echoTime = other.echoTime
    return same == other
  }
}

/// How pixels are stored (DICOM PS3.3 C.7.6.3).
struct PixelFormat: Sendable, Hashable {
  var rows = 0
  var columns = 0
  var samples = 1
  var frames = 1
  var bitsAllocated = 16
  var bitsStored = 16
  var highBit = 15
  var isSigned = false
  /// The header says whether there is a sign.
  var isSignKnown = true
  var photometric = ""
  var padding: Int?

  /// Bytes of a frame, not compressed.
  var frameBytes: Int { rows * columns * bitsAllocated / 8 }
}
