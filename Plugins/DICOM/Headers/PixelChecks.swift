internal import PonsKit

/// What can be said against the pixels of a file before any is read.
enum PixelChecks {
  /// Why the pixels of an instance cannot be used, or nil.
  static func problem(_ instance: Instance, _ file: DICOMFile, _ root: Item) -> StageFailure? {
    let format = instance.format
    if instance.series.isEmpty {
      return failure("NO_SERIES", "the file names no series (0020,000E)")
    }
    guard let pixels = instance.pixels else {
      return failure(
        "TRUNCATED",
        "the file has a header of \(format.rows) x \(format.columns) pixels, and no pixels",
        hint: "copy the file again from where it came from")
    }
    if (1...65535).contains(format.rows) == false || (1...65535).contains(format.columns) == false {
      return failure("BAD_SIZE", "an image of \(format.columns) x \(format.rows) pixels cannot be")
    }
    if instance.facts.imageType.contains("MOSAIC") {
      return failure(
        "MOSAIC", "the image is a mosaic of all slices of a volume, which is not unpacked",
        hint: "let the scanner or the archive send it as an enhanced multi-frame image")
    }
    if let problem = colour(format, root) ?? depth(instance, pixels) { return problem }
    if format.frames < 1 || format.frames > 1_000_000 {
      return failure("BAD_SIZE", "\(format.frames) frames cannot be")
    }
    if instance.frames.count != format.frames {
      return failure(
        "NO_FRAME_POSITIONS",
        "\(format.frames) frames, and the header tells of \(instance.frames.count) where they are")
    }
    if root.count(0x0028_3000) > 0 {
      return failure(
        "MODALITY_LUT", "the pixel values go through a table (Modality LUT), which is not supported"
      )
    }
    if instance.frames.contains(where: \.isRescaleRefused) {
      return failure("BAD_RESCALE", "rescale slope or intercept is there, and is no number")
    }
    if instance.frames.contains(where: { $0.slope == 0 }) {
      return failure("BAD_RESCALE", "the rescale slope is 0: all voxels would be equal")
    }
    return size(instance, pixels, file)
  }

  private static func colour(_ format: PixelFormat, _ root: Item) -> StageFailure? {
    if format.samples != 1 || !["MONOCHROME1", "MONOCHROME2"].contains(format.photometric) {
      if format.photometric.isEmpty {
        return failure(
          "NO_PHOTOMETRIC", "the header does not say what the pixels stand for (0028,0004)")
      }
      // Free text of the file is not repeated.
      let isTerm =
        format.photometric.utf8.count <= 16
        && format.photometric.allSatisfy {
          $0 == " " || $0 == "_" || $0.isASCII && $0.isUppercase || $0.isNumber
        }
      let name = isTerm ? format.photometric : "of an unknown kind"
      return failure(
        "COLOUR", "the image is in colour (\(name), \(format.samples) samples a pixel)",
        hint: "colour images are no volumes: screenshots, fusions, ultrasound")
    }
    return nil
  }

  private static func depth(_ instance: Instance, _ pixels: DataSetStructure.Pixels)
    -> StageFailure?
  {
    let format = instance.format
    let allowed =
      switch pixels.kind {
      case .integer: [8, 16, 32]
      case .float: [32]
      case .double: [64]
      }
    guard allowed.contains(format.bitsAllocated) else {
      return failure("BITS", "\(format.bitsAllocated) bits allocated a pixel are not supported")
    }
    if pixels.kind != .integer { return nil }
    if !format.isSignKnown {
      return failure(
        "BITS", "the header does not say whether the pixels have a sign (0028,0103)")
    }
    if format.bitsAllocated == 32, instance.syntax.encoding.isBig {
      return failure(
        "BITS",
        "pixels of 32 bits in big endian: programs do not agree in which order the bytes are",
        hint: "let the archive send it as Explicit VR Little Endian")
    }
    guard (1...format.bitsAllocated).contains(format.bitsStored),
      (format.bitsStored - 1..<format.bitsAllocated).contains(format.highBit)
    else {
      return failure(
        "BITS",
        "\(format.bitsStored) bits stored with the high bit \(format.highBit) do not fit into"
          + " \(format.bitsAllocated) bits")
    }
    return nil
  }

  /// A claim is checked against the bytes that are there before memory is taken for it.
  private static func size(
    _ instance: Instance, _ pixels: DataSetStructure.Pixels, _ file: DICOMFile
  ) -> StageFailure? {
    let format = instance.format
    let isNative = instance.syntax.pixels == .native
    if instance.syntax.pixels == .unknown {
      return failure(
        "TRANSFER_SYNTAX", "no decoder for the transfer syntax \(instance.syntax.name)",
        hint: "let the archive send it as Explicit VR Little Endian")
    }
    guard let length = pixels.length else {
      if isNative {
        return failure(
          "TRANSFER_SYNTAX",
          "the pixels are compressed, but the transfer syntax is \(instance.syntax.name)")
      }
      if pixels.kind != .integer || format.bitsAllocated == 32 {
        return failure(
          "BITS", "compressed pixels of \(format.bitsAllocated) bits are not supported")
      }
      // Nothing that a scanner makes is packed so tightly; a small file must not ask for much memory. The codestreams are
      // checked one by one when they are read.
      let there = file.source.count
      let claim = format.frameBytes * format.frames
      let isHuge =
        format.frameBytes > 16 << 20 && claim / 2000 > there
        || claim > 256 << 20 && claim / 10_000 > there
      if isHuge {
        return failure(
          "BAD_SIZE",
          "a file of \(there) bytes cannot hold \(format.columns) x \(format.rows) x \(format.frames) pixels"
        )
      }
      return nil
    }
    if !isNative {
      return failure(
        "TRANSFER_SYNTAX",
        "the transfer syntax is \(instance.syntax.name), but the pixels are not compressed")
    }
    let expected = format.frameBytes * format.frames
    let there = file.source.count - pixels.offset
    if min(length, there) < expected {
      return failure(
        "TRUNCATED",
        "the file holds \(max(0, min(length, there))) bytes of pixels;"
          + " \(format.columns) x \(format.rows)\(format.frames > 1 ? " x \(format.frames)" : "")"
          + " pixels of \(format.bitsAllocated) bits are \(expected)",
        hint: "copy the file again from where it came from")
    }
    // A byte fills an odd length up; a whole row more means that the size is wrong.
    if length >= expected + max(2, format.columns * format.bitsAllocated / 8) {
      return failure(
        "BAD_SIZE",
        "the file holds \(length) bytes of pixels, but its size and bits say \(expected)")
    }
    if length > there {
      return failure(
        "TRUNCATED", "the file ends before the pixels do",
        hint: "copy the file again from where it came from")
    }
    return nil
  }

  static func failure(_ code: String, _ message: String, hint: String = "") -> StageFailure {
    StageFailure(.badInput, code: code, message, hint: hint)
  }
}
