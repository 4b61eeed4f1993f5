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
    let most = places.map(\.count).max() ?? 0
    if most <= 1 { return ([places.flatMap { $0 }], dropped) }
    if places.allSatisfy({ $0.count == most }), let stacks = byTiming(places) ?? byNumber(places) {
      return (stacks, dropped)
    }
    let clash = places.first { $0.count > 1 } ?? []
    throw StageFailure(
      .badInput, code: "DUPLICATE_POSITION",
      "\(catalogue.name(of: clash[0])) and \(catalogue.name(of: clash[1])) lie at the same place, and"
        + " nothing in their headers tells which volume they belong to",
      hint: "take one of them out of the folder, or ask for the series again")
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

  /// By acquisition number, trigger time or acquisition time, when one of them makes complete stacks.
  private func byTiming(_ places: [[Slice]]) -> [[Slice]]? {
    let count = places[0].count
    let kinds = catalogue.instances[places[0][0].instance].timing.count
    for kind in 0..<kinds {
      var stacks: [Double: [Slice]] = [:]
      var isComplete = true
      for slice in places.joined() {
        guard let time = catalogue.instances[slice.instance].timing[kind] else {
          isComplete = false
          break
        }
        stacks[time, default: []].append(slice)
      }
      if isComplete, stacks.count == count, stacks.values.allSatisfy({ isStack($0, places) }) {
        return stacks.sorted { $0.key < $1.key }.map(\.value)
      }
    }
    return nil
  }

  /// By instance numbers: one stack after the other, or place after place.
  private func byNumber(_ places: [[Slice]]) -> [[Slice]]? {
    let all = places.flatMap { $0 }
    let numbers = all.map { catalogue.instances[$0.instance].instanceNumber }
    guard !numbers.contains(nil), Set(numbers).count == all.count else { return nil }
    let count = places[0].count
    func number(_ slice: Slice) -> Int { catalogue.instances[slice.instance].instanceNumber ?? 0 }
    let ordered = all.sorted { number($0) < number($1) }
    let blocks = (0..<count).map { block in
      Array(ordered[block * places.count..<(block + 1) * places.count])
        .sorted { $0.location < $1.location }
    }
    if blocks.allSatisfy({ isStack($0, places) }) { return blocks }
    let isPlaceAfterPlace = places.allSatisfy { place in
      let sorted = place.map(number).sorted()
      return sorted[sorted.count - 1] - sorted[0] == place.count - 1
    }
    guard isPlaceAfterPlace else { return nil }
    return (0..<count).map { index in
      places.map { place in place.sorted { number($0) < number($1) }[index] }
    }
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
