internal import PonsKit

/// Takes apart slices that lie at the same place: copies, time points that no attribute tells apart, or a conflict.
struct DuplicateSorter {
  private let catalogue: Catalogue
  private let isCopy: (Int, Int) -> Bool

  init(_ catalogue: Catalogue, isCopy: @escaping (Int, Int) -> Bool) {
    self.catalogue = catalogue
    self.isCopy = isCopy
  }

  /// Stacks in which every place occurs once.
  ///
  /// - Parameter slices: sorted by location.
  /// - Throws: `StageFailure`: CONFLICTING_COPIES, DUPLICATE_POSITION.
  func stacks(_ slices: [Slice]) throws(StageFailure) -> (stacks: [[Slice]], dropped: Int) {
    var dropped = 0
    var places: [[Slice]] = []
    for place in Self.places(slices) {
      let (kept, copies) = try withoutCopies(place)
      places.append(kept)
      dropped += copies
    }
    if let stacks = separate(places) { return (stacks, dropped) }
    // Files with UIDs of their own may hold the same image all the same.
    let (single, copies) = withoutTwins(places)
    if copies > 0, let stacks = separate(single) { return (stacks, dropped + copies) }
    let clash = places.first { $0.count > 1 } ?? []
    throw StageFailure(
      .badInput, code: "DUPLICATE_POSITION",
      "\(catalogue.name(of: clash[0])) and \(catalogue.name(of: clash[1])) lie at the same place, and"
        + " nothing in their headers tells which volume they belong to",
      hint: "take one of them out of the folder, or ask for the series again")
  }

  /// Stacks of one slice from each place; nil when nothing tells which belong together.
  private func separate(_ places: [[Slice]]) -> [[Slice]]? {
    let most = places.map(\.count).max() ?? 0
    if most <= 1 { return [places.flatMap { $0 }] }
    guard places.allSatisfy({ $0.count == most }) else { return nil }
    return byTiming(places) ?? byNumber(places)
  }

  /// Slices by place: locations that differ by less than slices of a volume can.
  private static func places(_ slices: [Slice]) -> [[Slice]] {
    let distances = zip(slices, slices.dropFirst()).map { $1.location - $0.location }.filter {
      $0 > 1e-3
    }
    let usual = distances.sorted()[safe: distances.count / 2] ?? 0
    let near = max(1e-3, 0.01 * usual)
    var places: [[Slice]] = []
    for slice in slices {
      if let last = places.last?.first, slice.location - last.location <= near {
        places[places.count - 1].append(slice)
      } else {
        places.append([slice])
      }
    }
    return places
  }

  private func withoutCopies(_ place: [Slice]) throws(StageFailure) -> (kept: [Slice], copies: Int)
  {
    var kept: [Slice] = []
    for slice in place {
      let instance = catalogue.instances[slice.instance]
      let twin = kept.first {
        let other = catalogue.instances[$0.instance]
        return !instance.sopInstance.isEmpty && other.sopInstance == instance.sopInstance
          && other.file != instance.file && $0.frame == slice.frame
      }
      guard let twin else {
        kept.append(slice)
        continue
      }
      if !isCopy(twin.instance, slice.instance) {
        throw StageFailure(
          .badInput, code: "CONFLICTING_COPIES",
          "\(catalogue.name(of: twin)) and \(catalogue.name(of: slice)) have the same SOP Instance UID"
            + " and different contents",
          hint: "find out which one is right, and take the other out of the folder")
      }
    }
    return (kept, place.count - kept.count)
  }

  /// Leaves out slices that hold the same pixels at the same place. Only where few are too many: every pair is compared.
  private func withoutTwins(_ places: [[Slice]]) -> (places: [[Slice]], copies: Int) {
    let extra = places.reduce(0) { $0 + $1.count - 1 }
    if extra > places.count { return (places, 0) }
    var copies = 0
    let single = places.map { place in
      var kept: [Slice] = []
      for slice in place {
        if kept.count <= 2, kept.contains(where: { isTwin($0, slice) }) {
          copies += 1
        } else {
          kept.append(slice)
        }
      }
      return kept
    }
    return (single, copies)
  }

  private func isTwin(_ a: Slice, _ b: Slice) -> Bool {
    a.instance != b.instance && a.frame == b.frame && isCopy(a.instance, b.instance)
  }

  private func timing(_ slice: Slice) -> [Double?] {
    catalogue.instances[slice.instance].timing + catalogue.frame(slice).timing
  }

  /// By acquisition number, trigger time, acquisition time and the like: by all of those together that have the same
  /// values at every place, or by one of them.
  private func byTiming(_ places: [[Slice]]) -> [[Slice]]? {
    let times: [[[Double?]]] = places.map { $0.map(timing) }
    let kinds = times.joined().map(\.count).min() ?? 0
    func values(_ place: Int, _ kind: Int) -> [Double]? {
      let all = times[place].compactMap { $0[kind] }
      return all.count == times[place].count ? all.sorted() : nil
    }
    let telling = (0..<kinds).filter { kind in
      guard let first = values(0, kind), first.first != first.last else { return false }
      return places.indices.allSatisfy { values($0, kind) == first }
    }
    for kinds in [telling] + telling.map({ [$0] }) where !kinds.isEmpty {
      var stacks: [[Double]: [Slice]] = [:]
      for (place, its) in zip(places, times) {
        for (slice, time) in zip(place, its) {
          stacks[kinds.map { time[$0] ?? 0 }, default: []].append(slice)
        }
      }
      if stacks.count == places[0].count, stacks.values.allSatisfy({ isStack($0, places) }) {
        return stacks.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
      }
    }
    return nil
  }

  /// By instance numbers, and numbers of frames in their files: one stack after the other, or place after place.
  private func byNumber(_ places: [[Slice]]) -> [[Slice]]? {
    struct Number: Hashable, Comparable {
      var instance: Int
      var frame: Int
      static func < (a: Self, b: Self) -> Bool { (a.instance, a.frame) < (b.instance, b.frame) }
    }
    let all = places.flatMap { $0 }
    var numbers: [Number] = []
    for slice in all {
      guard let instance = catalogue.instances[slice.instance].instanceNumber else { return nil }
      numbers.append(Number(instance: instance, frame: catalogue.frame(slice).index))
    }
    guard Set(numbers).count == all.count else { return nil }
    let ordered = zip(numbers, all).sorted { $0.0 < $1.0 }.map(\.1)
    let count = places[0].count
    let blocks = (0..<count).map { block in
      Array(ordered[block * places.count..<(block + 1) * places.count])
        .sorted { $0.location < $1.location }
    }
    if blocks.allSatisfy({ isStack($0, places) }) { return blocks }
    var rank: [Number: Int] = [:]
    for (index, number) in numbers.sorted().enumerated() { rank[number] = index }
    var next = 0
    let ranked = places.map { place in
      defer { next += place.count }
      return zip(place, numbers[next...]).map { (rank: rank[$1] ?? 0, slice: $0) }
        .sorted { $0.rank < $1.rank }
    }
    guard ranked.allSatisfy({ $0[count - 1].rank - $0[0].rank == count - 1 }) else { return nil }
    return (0..<count).map { index in ranked.map { $0[index].slice } }
  }

  private func isStack(_ slices: [Slice], _ places: [[Slice]]) -> Bool {
    guard slices.count == places.count else { return false }
    return zip(slices, places).allSatisfy { slice, place in
      place.contains { $0.instance == slice.instance && $0.frame == slice.frame }
    }
  }
}

extension Array {
  subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
