internal import PonsKit

/// Makes volumes of the instances of one series.
struct SeriesSorter {
  private let catalogue: Catalogue
  private let policy: GapPolicy
  /// Whether two files hold the same pixels; asked for copies only.
  private let isCopy: (Int, Int) -> Bool

  init(_ catalogue: Catalogue, policy: GapPolicy, isCopy: @escaping (Int, Int) -> Bool) {
    self.catalogue = catalogue
    self.policy = policy
    self.isCopy = isCopy
  }

  /// Slices that could be one volume by all that their headers say.
  private struct Group {
    var frame: Frame
    var format: PixelFormat
    var frameOfReference: String
    var sopClass: String
    var members: [(instance: Int, frame: Int)]
  }

  /// The volumes of a series.
  ///
  /// - Parameter members: indices of its instances.
  func volumes(of members: [Int]) -> [VolumePlan] {
    var plans: [VolumePlan] = []
    for group in groups(of: members) { plans += volumes(of: group) }
    refuse(&plans, withDamageOf: members)
    plans.sort { first($0) < first($1) }
    let series = catalogue.instances[members[0]].series
    for index in plans.indices {
      plans[index].number = index + 1
      plans[index].siblings = plans.count
      plans[index].name = plans.count == 1 ? series : "\(series)#\(index + 1)"
    }
    return plans
  }

  /// A damaged header may tell something else than it did: the image then seems to belong to no volume, and one lacks a slice.
  private func refuse(_ plans: inout [VolumePlan], withDamageOf members: [Int]) {
    let damaged = members.first { index in
      ["TRUNCATED", "BAD_SIZE"].contains(catalogue.instances[index].problem?.code)
    }
    guard let damaged, let problem = catalogue.instances[damaged].problem else { return }
    for index in plans.indices where plans[index].problem == nil {
      var problem = problem
      problem.message =
        "\(catalogue.name(ofInstance: damaged)) of the same series is damaged, and may be one of its"
        + " slices: \(problem.message)"
      plans[index].problem = problem
      plans[index].slices = []
      plans[index].geometry = nil
    }
  }

  /// Volumes of a series come in the order of their first images; the UID decides where numbers do not.
  private func first(_ plan: VolumePlan) -> (Int, Double, Int, String) {
    let instances = plan.instances.map { catalogue.instances[$0] }
    let frame = plan.slices.first.map { catalogue.frame($0).index } ?? 0
    return (
      instances.compactMap(\.instanceNumber).min() ?? Int.max, plan.slices.first?.location ?? 0,
      frame,
      instances.map(\.sopInstance).min() ?? ""
    )
  }

  // MARK: Grouping

  private func groups(of members: [Int]) -> [Group] {
    var groups: [Group] = []
    var last = 0
    for instance in members {
      let item = catalogue.instances[instance]
      if item.frames.isEmpty {
        groups.append(
          Group(
            frame: Frame.none, format: item.format, frameOfReference: item.frameOfReference,
            sopClass: item.sopClass, members: [(instance, 0)]))
      }
      for (number, frame) in item.frames.enumerated() {
        // The next slice mostly belongs where the last one did.
        if groups.indices.contains(last), fits(item, frame, groups[last]) {
          groups[last].members.append((instance, number))
        } else if let index = groups.indices.first(where: { fits(item, frame, groups[$0]) }) {
          groups[index].members.append((instance, number))
          last = index
        } else {
          last = groups.count
          groups.append(
            Group(
              frame: frame, format: item.format, frameOfReference: item.frameOfReference,
              sopClass: item.sopClass, members: [(instance, number)]))
        }
      }
    }
    return groups
  }

  private func fits(_ instance: Instance, _ frame: Frame, _ group: Group) -> Bool {
    let format = instance.format
    return frame.traits.agree(with: group.frame.traits) && format.rows == group.format.rows
      && format.columns == group.format.columns && instance.sopClass == group.sopClass
      && format.photometric == group.format.photometric
      && format.samples == group.format.samples
      && instance.frameOfReference == group.frameOfReference
      && Self.agree(frame.orientation, group.frame.orientation, 2e-3)
      && Self.agree(frame.spacing, group.frame.spacing, 1e-4 * (group.frame.spacing?.max() ?? 1))
  }

  /// Missing values fit everything: the slice is then named as one that lacks them.
  private static func agree(_ a: [Double]?, _ b: [Double]?, _ tolerance: Double) -> Bool {
    guard let a, let b else { return true }
    return zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
  }

  // MARK: Volumes

  private func volumes(of group: Group) -> [VolumePlan] {
    let instances = orderedUnique(group.members.map(\.instance))
    var plan = VolumePlan(name: "", instances: instances, slices: [], geometry: nil)
    if let bad = instances.first(where: { catalogue.instances[$0].problem != nil }),
      var problem = catalogue.instances[bad].problem
    {
      let count = instances.count { catalogue.instances[$0].problem != nil }
      problem.message =
        "\(catalogue.name(ofInstance: bad)): \(problem.message)"
        + (count > 1 ? " (and \(count - 1) more files)" : "")
      plan.problem = problem
      return [plan]
    }
    let frames = group.members.map { catalogue.instances[$0.instance].frames[$0.frame] }
    guard let orientation = frames.lazy.compactMap(\.orientation).first,
      let spacing = frames.lazy.compactMap(\.spacing).first
    else {
      plan.problem = noGeometry(group, frames)
      return [plan]
    }
    let axis = StackGeometry(
      first: Vector(0, 0, 0), step: Vector(0, 0, 1), orientation: orientation, pixel: spacing)
    var slices: [Slice] = []
    for (member, frame) in zip(group.members, frames) {
      guard case .known(let place) = frame.position, frame.orientation != nil, frame.spacing != nil
      else {
        plan.problem = unplaced(member, frame)
        return [plan]
      }
      let position = Vector(place[0], place[1], place[2])
      slices.append(
        Slice(
          instance: member.instance, frame: member.frame, position: position,
          location: position.dot(axis.normal)))
    }
    slices.sort { ($0.location, order($0)) < ($1.location, order($1)) }
    do {
      let (stacks, dropped) = try DuplicateSorter(catalogue, isCopy: isCopy).stacks(slices)
      return stacks.enumerated().flatMap { index, stack in
        var part = plan
        part.duplicates = index == 0 ? dropped : 0
        if stacks.count > 1 { part.instances = orderedUnique(stack.map(\.instance)) }
        if index == 0, dropped > 0 {
          part.notices.append(
            PlanNotice(
              code: "DUPLICATES_DROPPED",
              text: "\(dropped) identical copies of slices were left out"))
        }
        return regular(part, stack, orientation, spacing)
      }
    } catch {
      plan.problem = error
      return [plan]
    }
  }

  private func order(_ slice: Slice) -> Int {
    catalogue.instances[slice.instance].instanceNumber ?? 0
  }

  private func orderedUnique(_ numbers: [Int]) -> [Int] {
    var seen: Set<Int> = []
    return numbers.filter { seen.insert($0).inserted }
  }

  private func noGeometry(_ group: Group, _ frames: [Frame]) -> StageFailure {
    let name = catalogue.name(ofFile: catalogue.instances[group.members[0].instance].file)
    let what =
      frames.contains { $0.orientation != nil }
      ? "pixel spacing (0028,0030)" : "orientation (0020,0037)"
    return StageFailure(
      .badInput, code: "NO_GEOMETRY",
      "\(frames.count) images without a usable \(what), the first is \(name)",
      hint: "screenshots and scanned films are no volumes")
  }

  private func unplaced(_ member: (instance: Int, frame: Int), _ frame: Frame) -> StageFailure {
    let slice = Slice(
      instance: member.instance, frame: member.frame, position: Vector(0, 0, 0), location: 0)
    let what =
      switch frame.position {
      case .missing: "has no position (0020,0032)"
      case .refused: "has a position (0020,0032) that is not three numbers"
      case .known:
        frame.orientation == nil
          ? "has no usable orientation (0020,0037)" : "has no usable pixel spacing (0028,0030)"
      }
    return StageFailure(
      .badInput, code: "BAD_POSITION", "\(catalogue.name(of: slice)) \(what)",
      hint: "ask for the series again where it came from, or take the file out of the folder")
  }

  // MARK: Regularity

  private func regular(
    _ plan: VolumePlan, _ slices: [Slice], _ orientation: [Double], _ spacing: [Double]
  ) -> [VolumePlan] {
    var plan = plan
    let found = StackCheck.irregularities(slices)
    if found.isEmpty || policy == .keep {
      plan.slices = slices
      plan.irregularities = found
      plan.geometry = geometry(slices, orientation, spacing, &plan.notices)
      if !found.isEmpty {
        plan.notices.append(
          PlanNotice(
            code: "IRREGULAR_SPACING",
            text: "kept as on_gap asks: " + describe(found[0], slices, more: found.count - 1)))
      }
      return [plan]
    }
    if policy == .quarantine {
      plan.problem = StageFailure(
        .badInput, code: found.contains { $0.missing > 0 } ? "MISSING_SLICE" : "IRREGULAR_SPACING",
        describe(found[0], slices, more: found.count - 1),
        hint: "ask for the series again; or set on_gap to split (each regular part is a volume)")
      return [plan]
    }
    let cuts = found.map(\.after)
    var parts: [[Slice]] = [[]]
    for (index, slice) in slices.enumerated() {
      parts[parts.count - 1].append(slice)
      if cuts.contains(index) { parts.append([]) }
    }
    return parts.map { part in
      var piece = plan
      piece.instances = orderedUnique(part.map(\.instance))
      let rest = StackCheck.irregularities(part)
      if rest.isEmpty {
        piece.slices = part
        piece.geometry = geometry(part, orientation, spacing, &piece.notices)
        piece.notices.append(
          PlanNotice(
            code: "SPLIT_AT_GAP",
            text: "a part of a series with gaps: \(part.count) of \(slices.count) slices"))
      } else {
        piece.problem = StageFailure(
          .badInput, code: "IRREGULAR_SPACING", describe(rest[0], part, more: rest.count - 1))
      }
      return piece
    }
  }

  private func describe(_ found: StackIrregularity, _ slices: [Slice], more: Int) -> String {
    let before = catalogue.name(of: slices[found.after])
    let behind = catalogue.name(of: slices[found.after + 1])
    let rest = more > 0 ? "; \(more) more such places" : ""
    let distance = "\(shown(found.distance)) mm instead of \(shown(found.usual)) mm"
    if found.missing > 0 {
      return
        "\(found.missing) slice\(found.missing == 1 ? "" : "s") missing between \(before) and"
        + " \(behind): \(distance)\(rest)"
    }
    let isAside = abs(found.distance - found.usual) < 0.5 * found.offset
    return "the slices are not regular between \(before) and \(behind): "
      + (isAside ? "\(shown(found.offset)) mm to the side" : distance) + rest
  }

  private func shown(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

  private func geometry(
    _ slices: [Slice], _ orientation: [Double], _ spacing: [Double], _ notices: inout [PlanNotice]
  ) -> StackGeometry {
    let first = slices[0]
    let frame = catalogue.frame(first)
    // Not that of the file that happens to be listed first.
    let orientation = frame.orientation ?? orientation
    let spacing = frame.spacing ?? spacing
    guard slices.count > 1 else {
      let flat = StackGeometry(
        first: first.position, step: Vector(0, 0, 1), orientation: orientation, pixel: spacing)
      let distance = frame.spacingBetweenSlices.map(abs) ?? frame.thickness ?? 0
      if distance <= 0 {
        notices.append(
          PlanNotice(
            code: "NO_THICKNESS", text: "a single slice without thickness: 1 mm is assumed"))
      }
      return StackGeometry(
        first: first.position, step: flat.normal * (distance > 0 ? distance : 1),
        orientation: orientation, pixel: spacing)
    }
    let step = (slices[slices.count - 1].position - first.position) * (1 / Double(slices.count - 1))
    let geometry = StackGeometry(
      first: first.position, step: step, orientation: orientation, pixel: spacing)
    if geometry.tilt > 0.05 {
      notices.append(
        PlanNotice(
          code: "TILTED",
          text:
            "the stack is sheared by \(shown(geometry.tilt)) degrees (gantry tilt); the affine says so"
        ))
    }
    if let said = frame.spacingBetweenSlices.map(abs), said > 0, geometry.spacing[2] > 1.5 * said {
      notices.append(
        PlanNotice(
          code: "SPACING_DIFFERS",
          text: "slices are \(shown(geometry.spacing[2])) mm apart by their positions, and"
            + " \(shown(said)) mm by Spacing Between Slices: every other slice may be missing"))
    }
    return geometry
  }
}

extension Frame {
  /// For instances whose header tells of no frame.
  static let none = Frame(
    index: 0, position: .missing, orientation: nil, spacing: nil, thickness: nil,
    spacingBetweenSlices: nil, slope: 1, intercept: 0, isRescaleRefused: false,
    traits: VolumeTraits())
}
