import PonsEngine
import PonsHost
import PonsKit
import StageHarness
import Testing

/// The rows of a packet of prompts.
struct PromptRows: Equatable {
  var boxes: [[Int]]
  var points: [[Int]]

  init(boxes: [[Int]] = [], points: [[Int]] = []) {
    self.boxes = boxes
    self.points = points
  }

  /// What a call sent.
  init(_ call: LocalCall) throws {
    let packet = try #require(call.record.sent.first { $0.port == "prompts" }?.packet)
    boxes = Self.rows(packet.values(of: "boxes", Int32.self), 5)
    points = Self.rows(packet.values(of: "points", Int32.self), 4)
  }

  static func rows<Number: BinaryInteger>(_ values: [Number], _ width: Int) -> [[Int]] {
    stride(from: 0, to: values.count, by: width).map { values[$0..<$0 + width].map { Int($0) } }
  }

  /// A packet of hints on a grid with an affine of ones.
  func packet(shape: [Int], metadata: JSON? = nil) throws -> Packet {
    func bytes(_ rows: [[Int]]) -> [UInt8] {
      rows.joined().map(Int32.init).withUnsafeBytes { Array($0) }
    }
    let affine = (0..<16).map { $0 % 5 == 0 ? JSON.number(1) : JSON.number(0) }
    let grid: JSON = [
      "shape": .array(shape.map { .integer(Int64($0)) }), "affine": .array(affine),
    ]
    return try Packet.of(
      "prompts",
      [
        (TensorRequest("boxes", .int32, [boxes.count, 5]), bytes(boxes)),
        (TensorRequest("points", .int32, [points.count, 4]), bytes(points)),
      ], metadata: metadata ?? ["grid": grid])
  }
}

/// An image and a region, as tests make them.
struct PromptedImage {
  var shape: [Int]
  var volume: [Int16]
  var region: [UInt8]
  var spacing: [Double] = [1, 1, 1]

  /// An image of zeros with a region in the boxes z, x0, y0, x1, y1.
  init(shape: [Int], regions: [[Int]] = []) {
    self.shape = shape
    volume = [Int16](repeating: 0, count: shape.reduce(1, *))
    region = [UInt8](repeating: 0, count: volume.count)
    for box in regions {
      for y in box[2]..<box[4] {
        for x in box[1]..<box[3] { region[(box[0] * shape[1] + y) * shape[2] + x] = 1 }
      }
    }
  }

  private var affine: [Double] {
    [spacing[0], 0, 0, 5, 0, spacing[1], 0, 0, 0, 0, spacing[2], 0, 0, 0, 0, 1]
  }

  var volumePacket: Packet {
    get throws {
      let affine = spacing == [1, 1, 1] ? Self.ones : affine
      return try .volume(volume.withUnsafeBytes { Array($0) }, .int16, shape, affine: affine)
    }
  }

  var regionPacket: Packet {
    get throws { try .mask(region, shape, affine: spacing == [1, 1, 1] ? Self.ones : affine) }
  }

  private static let ones = (0..<16).map { $0 % 5 == 0 ? 1.0 : 0 }
}
