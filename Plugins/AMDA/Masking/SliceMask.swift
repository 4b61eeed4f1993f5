/// Pixels of a slice that are to be hidden, by their places in it, ascending.
struct SliceMask: Sendable {
  var places: [Int]
  let width: Int

  /// The most discriminative spot of a slice (CLISC, Ma et al., ISBI 2025): in the box around its region, with the least value m and the
  /// greatest M of the heatmap there, the pixels whose heat is more than m + fraction (M - m). NaN is 0. Nil when there is no region or
  /// no such pixel.
  ///
  /// - Parameters:
  ///   - heat: `[y, x]`.
  ///   - region: `[y, x]`; every value but 0.
  init?(
    heat: UnsafeBufferPointer<Float>, region: UnsafeBufferPointer<UInt8>, width: Int,
    fraction: Double
  ) {
    var (columns, rows) = (Int.max..<Int.max, Int.max..<Int.max)
    for place in region.indices where region[place] != 0 {
      let (x, y) = (place % width, place / width)
      columns =
        columns.isEmpty
        ? x..<x + 1 : min(columns.lowerBound, x)..<max(columns.upperBound, x + 1)
      rows = rows.isEmpty ? y..<y + 1 : rows.lowerBound..<y + 1
    }
    if rows.isEmpty { return nil }
    let box = rows.flatMap { y in columns.map { y * width + $0 } }
    let values = box.map { heat[$0].isNaN ? 0 : Double(heat[$0]) }
    guard let low = values.min(), let high = values.max(), high.isFinite, low.isFinite else {
      return nil
    }
    let limit = low + fraction * (high - low)
    places = zip(box, values).filter { $0.1 > limit }.map(\.0)
    self.width = width
    if places.isEmpty { return nil }
  }

  private init?(places: [Int], width: Int) {
    if places.isEmpty { return nil }
    self.places = places
    self.width = width
  }

  /// Random cells of a grid of rectangles over the slice.
  ///
  /// Cells with a pixel of the brain are gone through in raster order, and each is hidden with the probability `ratio`; when that hides
  /// none, one of them is drawn. Pixels outside of the brain stay.
  ///
  /// - Parameters:
  ///   - brain: places of the brain's pixels, ascending; at least one.
  ///   - cell: pixels along x and y.
  static func cells<Generator: SliceRandom>(
    brain: [Int], width: Int, cell: (x: Int, y: Int), ratio: Double, using random: inout Generator
  ) -> SliceMask? {
    let across = (width + cell.x - 1) / cell.x
    func number(_ place: Int) -> Int { place / width / cell.y * across + place % width / cell.x }
    let candidates = Set(brain.map(number)).sorted()
    if candidates.isEmpty { return nil }
    var hidden = Set(candidates.filter { _ in random.nextUnit() < ratio })
    if hidden.isEmpty { hidden = [candidates[random.next(below: candidates.count)]] }
    return SliceMask(places: brain.filter { hidden.contains(number($0)) }, width: width)
  }

  /// This mask elsewhere: the centre of its box comes to lie on a random pixel of the brain. Pixels outside of the brain stay; nil when
  /// none is left.
  func moved<Generator: SliceRandom>(into brain: [Int], using random: inout Generator)
    -> SliceMask?
  {
    let target = brain[random.next(below: brain.count)]
    let (columns, rows) = (places.map { $0 % width }, places.map { $0 / width })
    let x = ((columns.min() ?? 0) + (columns.max() ?? 0)) / 2
    let y = ((rows.min() ?? 0) + (rows.max() ?? 0)) / 2
    let (dx, dy) = (target % width - x, target / width - y)
    let inBrain = Set(brain)
    let moved = zip(columns, rows).compactMap { column, row -> Int? in
      let place = (row + dy) * width + column + dx
      return (0..<width).contains(column + dx) && inBrain.contains(place) ? place : nil
    }
    return SliceMask(places: moved, width: width)
  }
}

/// The random numbers that masks are made of.
protocol SliceRandom {
  mutating func next(below limit: Int) -> Int
  mutating func nextUnit() -> Double
}
