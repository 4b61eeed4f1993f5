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
  private var precision = 0

  /// - Throws: `StageFailure`: BAD_CODESTREAM.
  static func check(_ stream: [UInt8], _ format: PixelFormat) throws {
    var header = try JPEG2000Header(stream)
    try header.markers(format)
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
    precision = Int(stream[position + 40] & 0x7f) + 1
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
  private func coding(_ length: Int) throws {
    guard length >= 12 else { throw Codestream.bad("the coding style is cut off") }
    let hasPrecincts = stream[position + 4] & 1 == 1
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
}
