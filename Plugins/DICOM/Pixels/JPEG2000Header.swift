internal import PonsKit

/// The main header of a JPEG 2000 codestream (ITU-T T.800 annex A), checked before the decoder sees it: OpenJPEG takes memory for as
/// many tiles, components and precincts as are claimed.
struct JPEG2000Header {
  private let stream: [UInt8]
  private var position: Int
  /// Where the codestream ends in the file.
  private let end: Int
  private var tiles = 0
  private var tile = (width: 0, height: 0)
  /// Where the depth of the pixels stands.
  private(set) var depthOffset = 0
  /// Bits of a pixel.
  private(set) var precision = 0
  private(set) var isSigned = false
  /// Coded without loss, by the 5-3 wavelet.
  private(set) var isReversible = false
  /// Packets may begin or end with markers.
  private var hasMarkers = false

  /// Reads and checks a header, and that all tile parts are there.
  ///
  /// - Throws: `StageFailure`: BAD_CODESTREAM.
  init(_ stream: [UInt8], _ format: PixelFormat) throws {
    try self.init(stream)
    try markers(format)
    try tileParts()
  }

  private init(_ stream: [UInt8]) throws {
    self.stream = stream
    position = 0
    end = stream.count
    if stream.starts(with: [0, 0, 0, 12, 0x6a, 0x50]) { position = try Self.box(stream) }
    guard position + 2 <= end, stream[position] == 0xff, stream[position + 1] == 0x4f else {
      throw Codestream.bad("the codestream does not begin like JPEG 2000")
    }
    position += 2
  }

  /// Where the codestream begins in a JP2 file, which some archives store instead (annex I).
  private static func box(_ stream: [UInt8]) throws -> Int {
    func number(_ at: Int) -> Int { (0..<4).reduce(0) { $0 << 8 | Int(stream[at + $1]) } }
    var position = 0
    while position + 8 <= stream.count {
      let length = number(position)
      if Array(stream[position + 4..<position + 8]) == Array("jp2c".utf8) {
        return position + (length == 1 ? 16 : 8)
      }
      if length < 8 { break }
      position += length
    }
    throw Codestream.bad("the file in the frame has no codestream")
  }

  private func number(_ offset: Int, _ size: Int) -> Int {
    (0..<size).reduce(0) { $0 << 8 | Int(stream[offset + $1]) }
  }

  /// Follows the markers up to the first tile.
  private mutating func markers(_ format: PixelFormat) throws {
    var hasSize = false
    while true {
      guard position + 4 <= end, stream[position] == 0xff else {
        throw Codestream.bad("the header of the codestream is damaged")
      }
      let marker = stream[position + 1]
      // Start of a tile part.
      if marker == 0x90 { break }
      let length = number(position + 2, 2)
      guard length >= 2, position + 2 + length <= end else {
        throw Codestream.bad("a marker segment of the codestream is cut off")
      }
      if marker == 0x51 {
        try size(length, format)
        hasSize = true
      }
      if marker == 0x52 {
        guard hasSize else { throw Codestream.bad("the codestream does not begin with its size") }
        try coding(length)
      }
      position += 2 + length
    }
    guard hasSize else { throw Codestream.bad("the codestream has no size") }
  }

  private mutating func size(_ length: Int, _ format: PixelFormat) throws {
    guard length >= 41 else { throw Codestream.bad("the size of the codestream is cut off") }
    // Rsiz, then X, Y, their offsets, tile X, Y, their offsets, components.
    let field = (0..<8).map { number(position + 6 + 4 * $0, 4) }
    let width = field[0] - field[2]
    let height = field[1] - field[3]
    guard width == format.columns, height == format.rows else {
      throw Codestream.bad(
        "the codestream is \(width) x \(height), the header says \(format.columns) x \(format.rows)"
      )
    }
    let components = number(position + 38, 2)
    guard components == 1 else {
      throw Codestream.bad("the codestream has \(components) components")
    }
    depthOffset = position + 40
    precision = Int(stream[position + 40] & 0x7f) + 1
    isSigned = stream[position + 40] & 0x80 != 0
    guard precision <= format.bitsAllocated else {
      throw Codestream.bad(
        "the codestream has \(precision) bits, the header \(format.bitsAllocated)")
    }
    guard stream[position + 41] == 1, stream[position + 42] == 1 else {
      throw Codestream.bad("the codestream leaves pixels out")
    }
    guard field[4] > 0, field[5] > 0, field[6] <= field[2], field[7] <= field[3] else {
      throw Codestream.bad("the tiles of the codestream are damaged")
    }
    let across = (field[0] - field[6] + field[4] - 1) / field[4]
    let down = (field[1] - field[7] + field[5] - 1) / field[5]
    tiles = across * down
    tile = (min(field[4], width), min(field[5], height))
    // A tile part has a header of 14 bytes at least.
    guard tiles >= 1, tiles <= end / 14 else {
      throw Codestream.bad("\(end) bytes cannot hold \(tiles) tiles")
    }
  }

  /// Every packet, of which each precinct has one a layer, takes a byte at least.
  private mutating func coding(_ length: Int) throws {
    guard length >= 12 else { throw Codestream.bad("the coding style is cut off") }
    let hasPrecincts = stream[position + 4] & 1 == 1
    hasMarkers = stream[position + 4] & 6 != 0
    isReversible = stream[position + 13] == 1
    let layers = number(position + 6, 2)
    let levels = Int(stream[position + 9])
    guard levels <= 32, length >= 12 + (hasPrecincts ? levels + 1 : 0) else {
      throw Codestream.bad("the coding style of the codestream is damaged")
    }
    var precincts = 0
    for resolution in 0...levels {
      let exponents = hasPrecincts ? Int(stream[position + 14 + resolution]) : 0xff
      let shift = levels - resolution
      func count(_ side: Int, _ exponent: Int) -> Int {
        let reduced = (side + (1 << shift) - 1) >> shift
        return (reduced + (1 << exponent) - 1) >> exponent
      }
      precincts += count(tile.width, exponents & 15) * count(tile.height, exponents >> 4)
    }
    guard precincts * tiles * layers <= end else {
      throw Codestream.bad("\(end) bytes cannot hold \(precincts * tiles * layers) packets")
    }
  }

  /// Goes from tile part to tile part by their lengths, to the end of the codestream. What a stream lacks is seen here even where it
  /// has an end marker; what follows the end is there to make the length even.
  private mutating func tileParts() throws {
    var parts = 0
    while position + 2 <= end, number(position, 2) == 0xff90 {
      guard position + 12 <= end, number(position + 2, 2) == 10 else {
        throw Codestream.bad("a tile part of the codestream is cut off")
      }
      let length = number(position + 6, 4)
      guard number(position + 4, 2) < tiles else {
        throw Codestream.bad("the codestream has a tile too many")
      }
      parts += 1
      if length == 0 {
        // The last one, up to the end marker.
        guard Codestream.hasEnd(stream) else {
          throw Codestream.bad("the codestream has no end: it is cut off")
        }
        position = end
        break
      }
      guard length >= 14, length <= end - position else {
        throw Codestream.bad("a tile part of the codestream is cut off")
      }
      try packets(position + 12..<position + length)
      position += length
    }
    guard parts >= tiles else { throw Codestream.bad("the codestream lacks a tile") }
    if position == end { return }
    guard position + 2 <= end, number(position, 2) == 0xffd9 else {
      throw Codestream.bad("the codestream has no end: it is cut off")
    }
  }

  /// The coder never makes two bytes above FF8F, so that markers can be found; in a damaged stream they appear.
  private func packets(_ part: Range<Int>) throws {
    if hasMarkers { return }
    var place = part.lowerBound
    while place + 4 <= part.upperBound, number(place, 2) != 0xff93 {
      guard stream[place] == 0xff else {
        throw Codestream.bad("the header of a tile part is damaged")
      }
      place += 2 + number(place + 2, 2)
    }
    place += 2
    guard place <= part.upperBound else { return }
    let isDamaged = stream.withUnsafeBytes { bytes in
      var last: UInt8 = 0
      for index in place..<part.upperBound {
        if last == 0xff, bytes[index] > 0x8f { return true }
        last = bytes[index]
      }
      return false
    }
    if isDamaged { throw Codestream.bad("a marker stands among the packets of the codestream") }
  }
}
