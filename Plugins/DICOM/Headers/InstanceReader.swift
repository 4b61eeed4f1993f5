internal import PonsKit

/// Reads the header of a file into an ``Instance``.
struct InstanceReader {
  private let file: DICOMFile
  private let root: Item

  /// What a DICOM file is to a reader of images.
  enum Content {
    case image(Instance)
    /// A report, a presentation state, a segmentation, ...: no image of a scanner.
    case noImage(Object)
    case directory([String])
  }

  /// What is known of an object that is no image.
  struct Object: Sendable {
    var sopClass: String
    var series: String?
    var hasPixels: Bool

    /// Whether it would be an image, had it not been cut off between two elements of its header.
    ///
    /// - Parameter classes: of images that were found beside it.
    func isCutOff(among classes: Set<String>) -> Bool {
      if hasPixels { return false }
      return sopClass.isEmpty || classes.contains(sopClass)
        || InstanceReader.scannerImages.contains(sopClass)
    }
  }

  /// Parses a header.
  ///
  /// - Throws: `StageFailure`: BAD_STRUCTURE.
  static func read(_ file: DICOMFile, number: Int) throws -> Content {
    let attributes = try file.attributes()
    let root = attributes.root
    if root.count(0x0004_1220) > 0 { return .directory(Self.references(root)) }
    let reader = InstanceReader(file: file, root: root)
    if reader.isImage { return .image(reader.instance(number: number)) }
    return .noImage(
      Object(
        sopClass: root.text(0x0008_0016) ?? "", series: root.text(0x0020_000e),
        hasPixels: file.structure.pixels != nil))
  }

  /// Images of CT, MR, nuclear medicine and PET, classic and enhanced, and secondary captures.
  private static let scannerImages = Set(
    ["2", "2.1", "2.2", "4", "4.1", "4.3", "7", "20", "128", "128.1", "130"].map {
      "1.2.840.10008.5.1.4.1.1." + $0
    })

  private static func references(_ root: Item) -> [String] {
    (0..<root.count(0x0004_1220)).compactMap { index in
      guard let parts = root.item(0x0004_1220, index)?.texts(0x0004_1500), !parts.isEmpty else {
        return nil
      }
      return parts.joined(separator: "/")
    }
  }

  /// Segmentations, presentation states and the like have pixels too, or rows, but are no images of a scanner.
  private static let noImages = [
    "1.2.840.10008.5.1.4.1.1.66", "1.2.840.10008.5.1.4.1.1.11", "1.2.840.10008.5.1.4.1.1.88",
    "1.2.840.10008.5.1.4.1.1.104", "1.2.840.10008.5.1.4.1.1.481", "1.2.840.10008.5.1.4.1.1.9",
    "1.2.840.10008.5.1.4.34", "1.2.840.10008.5.1.4.1.1.4.2",
  ]

  private var isImage: Bool {
    let sopClass = root.text(0x0008_0016) ?? ""
    if Self.noImages.contains(where: { sopClass == $0 || sopClass.hasPrefix($0 + ".") }) {
      return false
    }
    return file.structure.pixels != nil || root.integer(0x0028_0010) != nil
  }

  private func instance(number: Int) -> Instance {
    let format = pixelFormat
    var instance = Instance(
      file: number, identity: file.source.identity, syntax: file.syntax,
      pixels: file.structure.pixels,
      sopInstance: root.text(0x0008_0018) ?? "", series: root.text(0x0020_000e) ?? "",
      study: root.text(0x0020_000d) ?? "", frameOfReference: root.text(0x0020_0052) ?? "",
      sopClass: root.text(0x0008_0016) ?? "", facts: facts,
      instanceNumber: root.integer(0x0020_0013),
      timing: [root.number(0x0020_0012), root.number(0x0018_1060), time(0x0008_0032)],
      format: format, frames: [], problem: nil)
    instance.frames = frames(of: format)
    instance.problem = PixelChecks.problem(instance, file, root)
    return instance
  }

  /// A time of day in seconds.
  private func time(_ tag: Tag) -> Double? {
    guard let text = root.text(tag), text.utf8.count >= 6, let value = Double(text) else {
      return nil
    }
    return value
  }

  private var facts: SeriesFacts {
    SeriesFacts(
      modality: root.text(0x0008_0060) ?? "", description: root.text(0x0008_103e) ?? "",
      protocolName: root.text(0x0018_1030) ?? "", bodyPart: root.text(0x0018_0015) ?? "",
      number: root.integer(0x0020_0011), imageType: root.texts(0x0008_0008),
      hasContrast: root.text(0x0018_0010) != nil || root.count(0x0018_0012) > 0
        || root.count(0x0018_9341) > 0,
      manufacturer: root.text(0x0008_0070) ?? "", sequenceName: root.text(0x0018_0024) ?? "",
      repetitionTime: root.number(0x0018_0080), fieldStrength: root.number(0x0018_0087))
  }

  /// A whole number; nil when it is missing, and -1, which is then refused, when something else stands there.
  private func stated(_ tag: Tag) -> Int? {
    switch root.numbers(tag) {
    case .absent, .empty: nil
    case .refused, .values: root.integer(tag) ?? -1
    }
  }

  private var pixelFormat: PixelFormat {
    var format = PixelFormat()
    format.rows = root.integer(0x0028_0010) ?? 0
    format.columns = root.integer(0x0028_0011) ?? 0
    format.samples = stated(0x0028_0002) ?? 1
    format.frames = stated(0x0028_0008) ?? 1
    format.bitsAllocated = root.integer(0x0028_0100) ?? 0
    format.bitsStored = stated(0x0028_0101) ?? format.bitsAllocated
    format.highBit = stated(0x0028_0102) ?? format.bitsStored - 1
    let sign = root.integer(0x0028_0103)
    format.isSigned = sign == 1
    format.isSignKnown = sign == 0 || sign == 1
    format.photometric = root.text(0x0028_0004) ?? ""
    format.padding = root.integer(0x0028_0120)
    return format
  }

  // MARK: Frames

  private func frames(of format: PixelFormat) -> [Frame] {
    let shared = root.item(0x5200_9229)
    let count = root.count(0x5200_9230)
    if shared == nil, count == 0 {
      // What an older multi-frame image says holds for all frames, and does not tell where they are.
      return [frame(0, [root])]
    }
    return (0..<min(count, max(0, format.frames))).map { index in
      frame(index, [root.item(0x5200_9230, index), shared].compactMap { $0 } + [root])
    }
  }

  /// - Parameter levels: where to look, in this order.
  private func frame(_ index: Int, _ levels: [Item]) -> Frame {
    let isEnhanced = levels.count > 1
    func group(_ sequence: Tag, _ tag: Tag) -> Item? {
      if !isEnhanced { return levels[0] }
      for level in levels {
        if let item = level.item(sequence), item.numbers(tag) != .absent || item.text(tag) != nil {
          return item
        }
      }
      return nil
    }
    let pixelMeasures = group(0x0028_9110, 0x0028_0030)
    // CT and others without it at detector level use the spacing at the detector; that is no spacing in the patient.
    let rescale = group(0x0028_9145, 0x0028_1053) ?? levels.last
    let slope = rescale?.numbers(0x0028_1053) ?? .absent
    let intercept = rescale?.numbers(0x0028_1052) ?? .absent
    return Frame(
      index: index,
      position: position(group(0x0020_9113, 0x0020_0032)?.numbers(0x0020_0032) ?? .absent),
      orientation: orientation(group(0x0020_9116, 0x0020_0037)?.numbers(0x0020_0037) ?? .absent),
      spacing: spacing(pixelMeasures?.numbers(0x0028_0030) ?? .absent),
      thickness: group(0x0028_9110, 0x0018_0050)?.number(0x0018_0050),
      spacingBetweenSlices: group(0x0028_9110, 0x0018_0088)?.number(0x0018_0088),
      slope: Self.first(slope) ?? 1, intercept: Self.first(intercept) ?? 0,
      isRescaleRefused: slope == .refused || intercept == .refused,
      traits: isEnhanced ? enhancedTraits(levels, group) : classicTraits,
      timing: isEnhanced ? timing(levels) : [])
  }

  /// Acquisition number, trigger delay, time offset, time of acquisition, and what the object itself counts.
  private func timing(_ levels: [Item]) -> [Double?] {
    func first(_ sequence: Tag) -> Item? { levels.lazy.compactMap { $0.item(sequence) }.first }
    let content = first(0x0020_9111)
    var timing = [
      content?.number(0x0020_9156), first(0x0018_9118)?.number(0x0020_9153),
      first(0x0020_9310)?.number(0x0020_930d), content?.text(0x0018_9074).flatMap { Double($0) },
    ]
    if case .values(let indices) = content?.numbers(0x0020_9157) { timing += indices }
    return timing
  }

  private static func first(_ numbers: Item.Numbers) -> Double? {
    if case .values(let values) = numbers { return values[0] }
    return nil
  }

  private func position(_ numbers: Item.Numbers) -> Frame.Position {
    switch numbers {
    case .absent, .empty: .missing
    case .values(let values) where values.count == 3 && values.allSatisfy({ abs($0) < 1e6 }):
      .known(values)
    default: .refused
    }
  }

  private func orientation(_ numbers: Item.Numbers) -> [Double]? {
    guard case .values(let values) = numbers, values.count == 6 else { return nil }
    let row = Vector(values[0], values[1], values[2])
    let column = Vector(values[3], values[4], values[5])
    // Rounded to few digits they are still within a hundredth.
    guard abs(row.length - 1) < 0.01, abs(column.length - 1) < 0.01, abs(row.dot(column)) < 0.01
    else { return nil }
    return values
  }

  private func spacing(_ numbers: Item.Numbers) -> [Double]? {
    guard case .values(let values) = numbers, values.count == 2,
      values.allSatisfy({ $0 > 0 && $0 < 1e4 })
    else { return nil }
    return values
  }

  // MARK: Traits

  private func micro(_ value: Double?) -> Int? {
    value.flatMap { abs($0) < 1e12 ? Int(($0 * 1000).rounded()) : nil }
  }

  private func thousandths(_ numbers: Item.Numbers) -> [Int] {
    guard case .values(let values) = numbers, values.count == 3 else { return [] }
    return values.map { Int((max(-10, min(10, $0)) * 1000).rounded()) }
  }

  private var classicTraits: VolumeTraits {
    var traits = VolumeTraits()
    traits.imageType = root.texts(0x0008_0008)
    traits.echoNumber = root.integer(0x0018_0086)
    traits.echoTime = micro(root.number(0x0018_0081))
    traits.inversionTime = micro(root.number(0x0018_0082))
    traits.flipAngle = micro(root.number(0x0018_1314))
    traits.temporalPosition = root.integer(0x0020_0100)
    traits.component = root.text(0x0008_9208)
    // Standard, then Siemens, Philips and GE (which adds multiples of 10^6 to the first of four numbers).
    let isGE = (root.text(0x0008_0070) ?? "").uppercased().hasPrefix("GE")
    let bValue =
      root.number(0x0018_9087) ?? root.number(0x0019_100c) ?? root.number(0x2001_1003)
      ?? (isGE ? root.number(0x0043_1039).map { $0.truncatingRemainder(dividingBy: 1e6) } : nil)
    traits.bValue = bValue.flatMap { $0 >= 0 && $0 < 1e6 ? Int($0.rounded()) : nil }
    if let bValue = traits.bValue, bValue > 0 {
      traits.gradient = thousandths(root.numbers(0x0018_9089))
      if traits.gradient.isEmpty { traits.gradient = thousandths(root.numbers(0x0019_100e)) }
    }
    return traits
  }

  private func enhancedTraits(_ levels: [Item], _ group: (Tag, Tag) -> Item?) -> VolumeTraits {
    var traits = VolumeTraits()
    let frameTypes: [Tag] = [0x0018_9226, 0x0018_9329, 0x0018_9751, 0x0018_9504]
    for sequence in frameTypes where traits.imageType.isEmpty {
      traits.imageType = group(sequence, 0x0008_9007)?.texts(0x0008_9007) ?? []
    }
    traits.component = group(0x0018_9226, 0x0008_9208)?.text(0x0008_9208)
    traits.echoTime = micro(group(0x0018_9114, 0x0018_9082)?.number(0x0018_9082))
    traits.inversionTime = micro(group(0x0018_9115, 0x0018_9079)?.number(0x0018_9079))
    traits.flipAngle = micro(group(0x0018_9112, 0x0018_1314)?.number(0x0018_1314))
    let content = levels.lazy.compactMap { $0.item(0x0020_9111) }.first
    traits.stack = content?.text(0x0020_9056)
    traits.temporalPosition = content?.integer(0x0020_9128)
    if let diffusion = levels.lazy.compactMap({ $0.item(0x0018_9117) }).first {
      traits.bValue = diffusion.number(0x0018_9087).flatMap {
        $0 >= 0 && $0 < 1e6 ? Int($0.rounded()) : nil
      }
      if let direction = diffusion.item(0x0018_9076), traits.bValue != 0 {
        traits.gradient = thousandths(direction.numbers(0x0018_9089))
      }
    }
    return traits
  }
}
