/// The lower envelope of parabolas along an axis: out(p) = min over q of in(q) + (spacing (p - q))^2.
struct ParabolaEnvelope: Sendable {
  let count: Int
  let borderIsTarget: Bool
  /// Square of the spacing.
  private let square: Float
  /// 1 / (2 spacing^2 d) at index d.
  private let reciprocals: [Float]

  init(count: Int, spacing: Double, borderIsTarget: Bool) {
    self.count = count
    self.borderIsTarget = borderIsTarget
    square = Float(spacing * spacing)
    reciprocals = (0...count + 1).map { Float(1 / (2 * spacing * spacing * Double($0))) }
  }

  /// A parabola that is part of the envelope.
  private struct Parabola: BitwiseCopyable {
    /// Where its lowest point is.
    var place: Int32
    /// The first place at which it is the lowest.
    var start: Int32
    var height: Float
  }

  /// Transforms lines that lie side by side: element p of line l is at `p * stride + l`.
  func transform(
    _ base: UnsafeMutablePointer<Float>, lines: Int, stride: Int, takesRoot: Bool
  ) {
    typealias Lanes = SIMD16<Float>
    let lanes = DistanceField.lanes
    withUnsafeTemporaryAllocation(of: Lanes.self, capacity: count) { tile in
      tile.initialize(repeating: .zero)
      withUnsafeTemporaryAllocation(of: Parabola.self, capacity: count + 2) { envelope in
        guard let tile = tile.baseAddress, let envelope = envelope.baseAddress else { return }
        let values = UnsafeMutableRawPointer(tile).assumingMemoryBound(to: Float.self)
        for first in Swift.stride(from: 0, to: lines, by: lanes) {
          let used = min(lanes, lines - first)
          let column = base + first
          var (low, high) = (Lanes(repeating: .infinity), Lanes(repeating: 0))
          for p in 0..<count {
            let from = column + p * stride
            if used == lanes {
              tile[p] = UnsafeRawPointer(from).loadUnaligned(as: Lanes.self)
            } else {
              for lane in 0..<used { values[p * lanes + lane] = from[lane] }
            }
            low = low.replacing(with: tile[p], where: tile[p] .< low)
            high = high.replacing(with: tile[p], where: tile[p] .> high)
          }
          // Lines of nothing but targets stay what they are.
          if used == lanes, high.max() == 0 { continue }
          for lane in 0..<used where high[lane] > 0 && (low[lane] < .infinity || borderIsTarget) {
            transformLine(values + lane, envelope)
          }
          for p in 0..<count {
            let to = column + p * stride
            if used == lanes {
              let result = takesRoot ? tile[p].squareRoot() : tile[p]
              UnsafeMutableRawPointer(to).storeBytes(of: result, as: Lanes.self)
            } else {
              for lane in 0..<used {
                let value = values[p * lanes + lane]
                to[lane] = takesRoot ? value.squareRoot() : value
              }
            }
          }
        }
      }
    }
  }

  /// Transforms a line whose elements are ``DistanceField/lanes`` apart, in place.
  @inline(__always)
  private func transformLine(
    _ line: UnsafeMutablePointer<Float>, _ envelope: UnsafeMutablePointer<Parabola>
  ) {
    let lanes = DistanceField.lanes
    let end = Int32(truncatingIfNeeded: count)
    var top = -1
    reciprocals.withUnsafeBufferPointer { reciprocals in
      guard let reciprocals = reciprocals.baseAddress else { return }
      /// Puts a parabola on the envelope; places come in ascending order.
      @inline(__always) func push(_ place: Int32, _ height: Float) {
        while top >= 0 {
          let last = envelope[top]
          let distance = place - last.place
          // Differences first: heights are large where distances are, and rounding would decide.
          let crossing =
            (height - last.height) * reciprocals[Int(distance)]
            + 0.5 * Float(place + last.place)
          if crossing >= Float(end - 1) { return }
          let start = crossing > 0 ? Int32(crossing) + 1 : 0
          if start > last.start {
            top += 1
            envelope[top] = Parabola(place: place, start: start, height: height)
            return
          }
          top -= 1
        }
        top = 0
        envelope[0] = Parabola(place: place, start: 0, height: height)
      }
      if borderIsTarget { push(-1, 0) }
      for place in 0..<end {
        let height = line[Int(place) * lanes]
        if height < .infinity { push(place, height) }
      }
      if borderIsTarget { push(end, 0) }
    }
    if top < 0 { return }
    var stop = end
    while top >= 0 {
      let part = envelope[top]
      var p = part.start
      while p < stop {
        let distance = Float(p - part.place)
        line[Int(p) * lanes] = part.height + square * (distance * distance)
        p += 1
      }
      stop = part.start
      top -= 1
    }
  }
}
