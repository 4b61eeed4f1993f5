internal import PonsFiles
internal import PonsKit

/// Tells whether two files are copies of one image.
enum CopyCheck {
  /// Whether the pixels are the same, byte for byte, and the headers agree in what a volume is made of.
  static func isCopy(_ a: Instance, _ b: Instance, _ catalogue: Catalogue) -> Bool {
    guard a.format == b.format, isEquallyStored(a.syntax, b.syntax),
      a.frames.count == b.frames.count,
      zip(a.frames, b.frames).allSatisfy({ agree($0, $1) })
    else { return false }
    let pixels = [a, b].map { instance -> [UInt8]? in
      try? bytes(instance, catalogue.files[instance.file].path)
    }
    return pixels[0] != nil && pixels[0] == pixels[1]
  }

  /// Whether equal pixels are equal bytes.
  private static func isEquallyStored(_ a: TransferSyntax, _ b: TransferSyntax) -> Bool {
    let isLittle = [a, b].allSatisfy { $0.pixels == .native && !$0.encoding.isBig }
    return a == b || isLittle
  }

  private static func agree(_ a: Frame, _ b: Frame) -> Bool {
    a.position == b.position && a.orientation == b.orientation && a.spacing == b.spacing
      && a.slope == b.slope && a.intercept == b.intercept && a.traits == b.traits
  }

  /// All bytes from the first of the pixels on.
  private static func bytes(_ instance: Instance, _ path: String) throws -> [UInt8] {
    guard case .dicom(let file) = try DICOMFile.open(path), let pixels = file.structure.pixels
    else {
      return []
    }
    let count = file.source.count - pixels.offset
    return try [UInt8](unsafeUninitializedCapacity: count) { memory, initialized in
      try file.source.read(at: pixels.offset, into: UnsafeMutableRawBufferPointer(memory))
      initialized = count
    }
  }
}
