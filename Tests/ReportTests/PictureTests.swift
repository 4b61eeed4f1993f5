import Glibc
import PonsHost
import PonsImaging
import Report
import TestFolders
import Testing

@Suite struct PictureTests {
  @Test(
    arguments: [
      ([0, 0, 2, 9, 4, 1, 0, 0], 3, [2, 3, 4]), ([0, 0, 0, 0, 0], 3, [2]), ([], 3, []),
      ([9, 0, 0, 0, 0, 0, 0, 0, 0, 1], 3, [0, 4, 9]), ([0, 1, 0, 0, 5, 0, 0, 2, 0], 3, [1, 4, 7]),
      ([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, [4, 6, 8]),
      ([5], 3, [0]), ([0, 7, 0], 1, [1]), ([1, 1, 1], 5, [0, 1, 2]),
    ] as [([Double], Int, [Int])])
  func `the slice with the most, and others around it`(
    amounts: [Double], count: Int, slices: [Int]
  ) {
    #expect(SliceChoice.slices(amounts, count: count) == slices)
  }

  /// Voxels named by their place, in 4 x 3 x 2 voxels (x, y, z).
  private let slice = (0..<12).map { "x\($0 % 4)y\($0 / 4)" }

  private func view(_ rows: [Double]) throws -> SliceView {
    SliceView(
      Grid(size: GridSize(x: 4, y: 3, z: 2), affine: try #require(Affine(rowMajor: rows))))
  }

  @Test func `the patient's right is on the left, the front on top`() throws {
    // RAS: x goes right, y to the front.
    let axial = try view([1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1])
    #expect(axial.width == 4 && axial.height == 3 && axial.pixel == (1, 2))
    #expect(axial.letters == ("R", "L", "A", "P"))
    let picture = slice.withUnsafeBufferPointer { axial.picture(of: $0) }
    #expect(picture.first == "x3y2" && picture.last == "x0y0" && picture[3] == "x0y2")
    #expect(axial.place(x: 3..<4, y: 2..<3) == (0..<1, 0..<1))
    // LPS: as DICOM has it.
    let turned = try view([-1, 0, 0, 0, 0, -2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1])
    #expect(slice.withUnsafeBufferPointer { turned.picture(of: $0) } == slice)
    // x goes to the front, y right: the picture is transposed.
    let transposed = try view([0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1])
    #expect(transposed.width == 3 && transposed.height == 4 && transposed.pixel == (2, 1))
    let other = slice.withUnsafeBufferPointer { transposed.picture(of: $0) }
    #expect(other[0] == "x3y2" && other[1] == "x3y1" && other[3] == "x2y2")
    #expect(transposed.place(x: 2..<3, y: 2..<3) == (0..<1, 1..<2))
  }

  @Test func `sagittal and coronal slices stand upright`() throws {
    // x goes to the front, y up, z right.
    let sagittal = try view([0, 0, 3, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1])
    #expect(sagittal.letters == ("A", "P", "S", "I"))
    #expect(slice.withUnsafeBufferPointer { sagittal.picture(of: $0) }.first == "x3y2")
    // x goes right, y up, z to the front.
    let coronal = try view([1, 0, 0, 0, 0, 0, 3, 0, 0, 2, 0, 0, 0, 0, 0, 1])
    #expect(coronal.letters == ("R", "L", "S", "I"))
  }

  /// Reads a PNG file with zlib and prints its pixels, by the PNG specification.
  private static let decoder = """
    import struct, sys, zlib
    data = open(sys.argv[1], "rb").read()
    assert data[:8] == b"\\x89PNG\\r\\n\\x1a\\n"
    place, chunks = 8, {}
    while place < len(data):
        size, = struct.unpack(">I", data[place:place + 4])
        name, body = data[place + 4:place + 8], data[place + 8:place + 8 + size]
        assert struct.unpack(">I", data[place + 8 + size:place + 12 + size])[0] == zlib.crc32(name + body)
        chunks[name] = chunks.get(name, b"") + body
        place += 12 + size
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert depth == 8
    raw, rows, before = zlib.decompress(chunks[b"IDAT"]), [], [0] * width
    for y in range(height):
        kind_of_row, row = raw[y * (width + 1)], list(raw[y * (width + 1) + 1:(y + 1) * (width + 1)])
        for x in range(width):
            a, b, c = row[x - 1] if x else 0, before[x], before[x - 1] if x else 0
            paeth = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            row[x] = (row[x] + (0, a, b, (a + b) // 2, paeth)[kind_of_row]) % 256
        rows += row
        before = row
    palette = chunks.get(b"PLTE", b"")
    clear = chunks.get(b"tRNS", b"")
    colors = [tuple(palette[3 * i:3 * i + 3]) + (clear[i] if i < len(clear) else 255,) for i in rows] if palette else rows
    assert (width, height, colors) == eval(sys.argv[2]), (width, height, colors)
    """

  private func decodes(_ image: PNGImage, as words: String) throws -> Bool {
    let folder = try TemporaryFolder()
    try Files.write(image.file, folder.path + "a.png")
    let result = ChildProcess.run(
      [
        .init(
          executable: PageCheck.python,
          arguments: ["-c", Self.decoder, folder.path + "a.png", words])
      ], width: 1, seconds: 60)
    return result.map(\.end) == [.exited(0)]
  }

  @Test(.enabled(if: PageCheck.isAvailable)) func `pictures are read as they were written`() throws
  {
    let gray = (0..<300).map { UInt8($0 * 7 % 256) }
    let image = try PNGImage(gray: gray, width: 20)
    #expect(try decodes(image, as: "(20, 15, \(gray))"))
    #expect(try !decodes(image, as: "(20, 15, \(gray.reversed() as [UInt8]))"))
    #expect(try PNGImage(gray: gray, width: 20) == image, "equal pixels give equal bytes")
    let noise = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 2_654_435_761 >> 13) }
    #expect(try decodes(PNGImage(gray: noise, width: 64), as: "(64, 64, \(noise))"))
    #expect(try decodes(PNGImage(gray: [9], width: 1), as: "(1, 1, [9])"))
    // libpng packs pixels of fewer colours, which this decoder does not read.
    let colors = (0..<20 as Range<UInt8>).map {
      Color(red: $0, green: 2 * $0, blue: 255 - $0, alpha: 10 * $0)
    }
    #expect(
      try decodes(
        PNGImage(indices: [0, 19, 7], width: 3, colors: colors),
        as: "(3, 1, [(0, 0, 255, 0), (19, 38, 236, 190), (7, 14, 248, 70)])"))
  }

  @Test(arguments: [
    (0.0, 1.0), (0, 37), (-4, 12.5), (0, 0), (0, 1e-6), (0, 3), (0, 1e9), (2, 2), (-1, 0),
    (-1e300, 1e300),
    (0, 1e299), (0, 123_456_789_012_345),
  ])
  func `an axis holds both ends, between round numbers`(low: Double, high: Double) {
    let axis = Axis(low, high)
    #expect(axis.low <= low && axis.high >= high && axis.high > axis.low)
    #expect((2...8).contains(axis.ticks.count))
    #expect(axis.place(axis.low) == 0 && axis.place(axis.high) == 100)
  }
}
