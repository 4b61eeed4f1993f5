import PonsKit
import Testing

struct SafetensorsHeaderTests {
  private func parse(_ bytes: [UInt8], fileSize: Int? = nil) throws(SafetensorsError)
    -> SafetensorsHeader
  {
    var result: Result<SafetensorsHeader, SafetensorsError>?
    bytes.withUnsafeBytes { bytes in
      result = Result { () throws(SafetensorsError) in
        try SafetensorsHeader(parsing: bytes, fileSize: fileSize)
      }
    }
    guard let result else { preconditionFailure("the closure ran") }
    return try result.get()
  }

  private func file(_ json: String, data: Int = 0) -> [UInt8] {
    withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) } + Array(json.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  @Test func `what is written is read back`() throws {
    let header = try SafetensorsHeader(
      layingOut: [
        TensorRequest("voxels", .int16, [3, 5, 7]), TensorRequest("affine", .float64, [4, 4]),
        TensorRequest("empty", .uint8, [0, 4]), TensorRequest("flag", .bool, []),
      ], metadata: ["kind": "volume", "text": "a\"b\nÄ"])
    #expect(header.entries.allSatisfy { $0.offset % 64 == 0 })
    #expect(header.dataSize == 256 + 128 + 1)
    let bytes = header.serialized()
    #expect(bytes.count % 64 == 0)
    #expect(try parse(bytes, fileSize: bytes.count + header.dataSize) == header)
    let padded = header.serialized(minimumSize: 4096)
    #expect(padded.count == 4096)
    #expect(try parse(padded, fileSize: padded.count + header.dataSize) == header)
  }

  @Test func `gaps are tensors, so that other readers accept the file`() throws {
    let header = try SafetensorsHeader(
      entries: [
        .init("b", .uint8, [3], offset: 64), .init("a", .uint8, [1], offset: 0),
        .init("__pad_0", .float32, [1], offset: 128),
      ], dataSize: 192)
    let bytes = header.serialized()
    let text = String(decoding: bytes.dropFirst(8), as: UTF8.self)
    #expect(text.contains(#""__pad_1":{"dtype":"U8","shape":[63],"data_offsets":[1,64]}"#))
    #expect(text.contains(#""__pad_2":{"dtype":"U8","shape":[61],"data_offsets":[67,128]}"#))
    #expect(text.contains(#""__pad_3":{"dtype":"U8","shape":[60],"data_offsets":[132,192]}"#))
    #expect(try parse(bytes, fileSize: bytes.count + 192) == header)
  }

  @Test func `a file without tensors`() throws {
    let bytes = try SafetensorsHeader(entries: []).serialized()
    #expect(bytes.count == 64)
    #expect(try parse(bytes).entries.isEmpty)
  }

  @Test(arguments: [
    ("{}", 1, "belong to no tensor"),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2, "belong to no tensor"),
    (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,1]}}"#, 1, "has 1 bytes, expected 2"),
    (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, 1, "beyond the data"),
    (#"{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}"#, 2, "none of BOOL"),
    (#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}"#, 0, "shape"),
    (
      #"{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#, 0, "shape"
    ),
    (#"{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}"#, 1, "shape"),
    (#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[9,1]}}"#, 0, "rising"),
    (#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}}"#, 0, "rising"),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
      3, "overlaps"
    ),
    (#"{"__metadata__":{"a":1}}"#, 0, "strings"), (#"{"__metadata__":[]}"#, 0, "object"),
    (#"{"a":[]}"#, 0, "dtype"), ("[]", 0, "begin with '{'"), ("{x", 0, "no JSON"),
    (#"{"a":{},"a":{}}"#, 0, "twice"),
  ])
  func `damage is named`(json: String, data: Int, expected: String) throws {
    let error = #expect(throws: SafetensorsError.self) { try parse(file(json, data: data)) }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }

  @Test func `lengths that cannot be are refused before anything is read`() {
    #expect(throws: SafetensorsError.self) { try parse([]) }
    #expect(throws: SafetensorsError.self) { try parse([1, 2, 3]) }
    #expect(throws: SafetensorsError.self) { try parse([UInt8](repeating: 0xff, count: 64)) }
    #expect(throws: SafetensorsError.self) { try parse([200, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]) }
  }

  @Test func `tensors that overlap or share a name cannot be written`() {
    #expect(throws: SafetensorsError.self) {
      try SafetensorsHeader(entries: [
        .init("a", .uint8, [8], offset: 0), .init("b", .uint8, [8], offset: 4),
      ])
    }
    #expect(throws: SafetensorsError.self) {
      try SafetensorsHeader(entries: [
        .init("a", .uint8, [8], offset: 0), .init("a", .uint8, [8], offset: 8),
      ])
    }
    #expect(throws: SafetensorsError.self) {
      try SafetensorsHeader(layingOut: [TensorRequest("a", .float64, [1 << 40, 1 << 40])])
    }
  }

  @Test func `no bytes crash the reader, and what it accepts lies inside the file`() throws {
    let header = try SafetensorsHeader(
      layingOut: [TensorRequest("voxels", .int16, [3, 5]), TensorRequest("x", .float32, [2])],
      metadata: ["kind": "volume"])
    let valid = header.serialized() + [UInt8](repeating: 0, count: header.dataSize)
    let pieces = [
      "[", "]", "{", "}", ",", ":", "\"", "-1", "9223372036854775807", "1e9", "U8", "0",
    ]
    var random = SplitMix(state: 2026)
    var accepted = 0
    for _ in 0..<20_000 {
      var bytes = valid
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<min(bytes.count, 200), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2:
          let piece = Array((pieces.randomElement(using: &random) ?? "").utf8)
          bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
        default: bytes.removeLast(min(bytes.count - 1, Int.random(in: 0..<64, using: &random)))
        }
        if bytes.isEmpty { break }
      }
      guard let parsed = try? parse(bytes) else { continue }
      accepted += 1
      for entry in parsed.entries {
        #expect(entry.offset >= 0 && entry.offset + entry.byteCount <= parsed.dataSize)
      }
      #expect(parsed.dataSize <= bytes.count)
    }
    #expect(accepted > 100, "mutations must reach the checks behind the JSON: \(accepted)")
  }
}

/// A small random number generator with a fixed sequence.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
