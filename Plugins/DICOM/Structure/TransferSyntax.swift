/// How a data set and its pixels are encoded (DICOM PS3.6 annex A).
package struct TransferSyntax: Sendable, Hashable {
  /// The UID.
  package let uid: String

  /// The syntax with a UID.
  package init(_ uid: String) { self.uid = uid }

  static let implicitLittle = TransferSyntax("1.2.840.10008.1.2")
  static let explicitLittle = TransferSyntax("1.2.840.10008.1.2.1")
  static let deflated = TransferSyntax("1.2.840.10008.1.2.1.99")
  static let explicitBig = TransferSyntax("1.2.840.10008.1.2.2")

  /// Which decoder reads the pixels.
  enum Pixels: Sendable { case native, dcmtk, openJPEG, runLength, unknown }

  private static let known: [String: (name: String, pixels: Pixels)] = [
    "1.2.840.10008.1.2": ("Implicit VR Little Endian", .native),
    "1.2.840.10008.1.2.1": ("Explicit VR Little Endian", .native),
    "1.2.840.10008.1.2.1.99": ("Deflated Explicit VR Little Endian", .native),
    "1.2.840.10008.1.2.2": ("Explicit VR Big Endian", .native),
    "1.2.840.10008.1.2.5": ("RLE Lossless", .runLength),
    "1.2.840.10008.1.2.4.50": ("JPEG Baseline", .dcmtk),
    "1.2.840.10008.1.2.4.51": ("JPEG Extended", .dcmtk),
    "1.2.840.10008.1.2.4.53": ("JPEG Spectral Selection", .dcmtk),
    "1.2.840.10008.1.2.4.55": ("JPEG Progressive", .dcmtk),
    "1.2.840.10008.1.2.4.57": ("JPEG Lossless", .dcmtk),
    "1.2.840.10008.1.2.4.70": ("JPEG Lossless SV1", .dcmtk),
    "1.2.840.10008.1.2.4.80": ("JPEG-LS Lossless", .dcmtk),
    "1.2.840.10008.1.2.4.81": ("JPEG-LS Near-Lossless", .dcmtk),
    "1.2.840.10008.1.2.4.90": ("JPEG 2000 Lossless", .openJPEG),
    "1.2.840.10008.1.2.4.91": ("JPEG 2000", .openJPEG),
    "1.2.840.10008.1.2.4.201": ("High-Throughput JPEG 2000 Lossless", .openJPEG),
    "1.2.840.10008.1.2.4.202": ("High-Throughput JPEG 2000 RPCL Lossless", .openJPEG),
    "1.2.840.10008.1.2.4.203": ("High-Throughput JPEG 2000", .openJPEG),
  ]

  /// What people call it; the UID when it is not known here, as far as it is one.
  package var name: String {
    let isUID = uid.utf8.count <= 64 && uid.allSatisfy { $0 == "." || $0.isASCII && $0.isNumber }
    return Self.known[uid]?.name ?? (isUID ? uid : "of an unknown name")
  }
  var pixels: Pixels { Self.known[uid]?.pixels ?? .unknown }

  /// Whether the decoded pixels differ from those of the scanner.
  package var isLossy: Bool {
    ["50", "51", "53", "55", "81", "91", "203"].contains { uid == "1.2.840.10008.1.2.4." + $0 }
  }

  /// Everything but the three native ones has its elements in explicit VR, little endian.
  var encoding: ElementEncoding {
    switch self {
    case Self.implicitLittle: .implicitLittle
    case Self.explicitBig: .explicitBig
    default: .explicitLittle
    }
  }
}

/// How the elements of a data set are written (DICOM PS3.5 section 7.1).
enum ElementEncoding: Sendable {
  case implicitLittle, explicitLittle, explicitBig

  var isExplicit: Bool { self != .implicitLittle }
  var isBig: Bool { self == .explicitBig }
}
