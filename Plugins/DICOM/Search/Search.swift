internal import PonsFiles
internal import PonsImaging
internal import PonsKit
internal import Synchronization

/// Everything that is behind a path: volumes, or the reason why there is none, and what was passed over.
package struct Search: Sendable {
  package var catalogue: Catalogue
  /// In the order of their names.
  package var plans: [VolumePlan]
  package var skipped: [Skip: Int]

  /// Why a file is no part of any case; codes for machines and words for people.
  package struct Skip: Sendable, Hashable {
    package var code: String
    package var text: String
  }

  /// Looks at every file and sorts what it finds.
  ///
  /// - Parameters:
  ///   - path: a folder, a file, a DICOMDIR, or a text file with a path a line.
  ///   - policy: what becomes of stacks with gaps.
  ///   - threads: how many may be used.
  ///   - progress: called now and then with 0...1; true ends the search.
  /// - Throws: `StageFailure` of category `badParameter` or `cancelled`.
  package init(
    path: String, policy: GapPolicy, threads: Int,
    shown: @escaping @Sendable (String) -> String = RedactedPath.describe,
    progress: @escaping @Sendable (Double) -> Bool = { _ in false }
  ) throws {
    let list = try FileList(path)
    let entries = try Self.entries(list.files, threads: threads, progress: progress)
    var instances: [Instance] = []
    var damaged: [Damage] = []
    skipped = [:]
    for (reason, count) in list.skipped {
      skipped[Skip(code: reason.rawValue, text: reason.text)] = count
    }
    let names = ImageNames(
      zip(list.files, entries).compactMap { $1.instance == nil ? nil : $0.relative })
    let classes = Set(entries.compactMap { $0.instance?.sopClass })
    for (number, entry) in entries.enumerated() {
      let relative = list.files[number].relative
      switch entry {
      case .image(let instance): instances.append(instance)
      case .foreign(let kind):
        if kind == .zeros && names.haveSuffix(of: relative) || names.areLike(relative) {
          damaged.append(Damage(file: number, failure: kind.lostImage, series: nil))
        } else {
          skipped[Skip(code: kind.rawValue, text: kind.text), default: 0] += 1
        }
      case .noImage(let object):
        if object.isCutOff(among: classes) {
          damaged.append(Damage(file: number, failure: .cutOff, series: object.series))
        } else {
          skipped[.noImage, default: 0] += 1
        }
      case .directory: skipped[.directory, default: 0] += 1
      case .damaged(let failure, let series):
        // A file without bytes tells nothing; it is a lost slice if it is named like its neighbours.
        if failure.code == "EMPTY", !names.haveSuffix(of: relative) {
          skipped[.empty, default: 0] += 1
        } else {
          damaged.append(Damage(file: number, failure: failure, series: series))
        }
      }
    }
    let lost = list.misnamed.filter { names.haveSuffix(of: $0.relative) }
    damaged += lost.indices.map {
      Damage(file: list.files.count + $0, failure: Self.misnamed, series: nil)
    }
    catalogue = Catalogue(
      instances: instances, files: (list.files + lost).map { ($0.path, $0.relative) }, shown: shown)
    plans = []
    sort(policy)
    place(damaged)
    plans.sort { $0.name < $1.name }
  }

  private static let misnamed = StageFailure(
    .badInput, code: WalkSkip.nameNotUTF8.rawValue, "the name of the file is not UTF-8",
    hint: "give the file another name")

  private struct Damage {
    var file: Int
    var failure: StageFailure
    var series: String?
  }

  // MARK: Looking at files

  private enum Entry: Sendable {
    case image(Instance)
    case foreign(ForeignKind)
    case noImage(InstanceReader.Object)
    case directory
    case damaged(StageFailure, series: String?)

    var instance: Instance? {
      if case .image(let instance) = self { return instance }
      return nil
    }
  }

  private static func entries(
    _ files: [FolderWalk.File], threads: Int, progress: @escaping @Sendable (Double) -> Bool
  ) throws -> [Entry] {
    let found = Mutex([Entry?](repeating: nil, count: files.count))
    let done = Atomic<Int>(0)
    let isCancelled = Atomic<Bool>(false)
    Parallel.forEach(files.count, threads: threads) { number in
      if isCancelled.load(ordering: .relaxed) { return }
      let entry = entry(files[number].path, number: number)
      found.withLock { $0[number] = entry }
      let count = done.wrappingAdd(1, ordering: .relaxed).newValue
      if count % 64 == 0, progress(Double(count) / Double(files.count)) {
        isCancelled.store(true, ordering: .relaxed)
      }
    }
    if isCancelled.load(ordering: .relaxed) {
      throw StageFailure(.cancelled, "the search was cancelled")
    }
    return found.withLock { $0.compactMap { $0 } }
  }

  private static func entry(_ path: String, number: Int) -> Entry {
    do {
      switch try DICOMFile.open(path) {
      case .foreign(let kind): return .foreign(kind)
      case .dicom(let file):
        switch try InstanceReader.read(file, number: number) {
        case .image(let instance): return .image(instance)
        case .noImage(let object): return .noImage(object)
        case .directory: return .directory
        }
      }
    } catch let damage as DamagedFile {
      return .damaged(damage.failure, series: damage.series)
    } catch let failure as StageFailure {
      return .damaged(failure, series: nil)
    } catch {
      return .damaged(StageFailure(.badInput, code: "UNREADABLE", "\(error)"), series: nil)
    }
  }

  // MARK: Sorting

  private mutating func sort(_ policy: GapPolicy) {
    var series: [String: [Int]] = [:]
    for (number, instance) in catalogue.instances.enumerated() {
      if instance.series.isEmpty, let problem = instance.problem {
        plans.append(lone(file: instance.file, problem, instances: [number]))
      } else {
        series["\(instance.study)\u{0}\(instance.series)", default: []].append(number)
      }
    }
    let catalogue = self.catalogue
    let sorter = SeriesSorter(catalogue, policy: policy) { a, b in
      CopyCheck.isCopy(catalogue.instances[a], catalogue.instances[b], catalogue)
    }
    for (_, members) in series.sorted(by: { $0.key < $1.key }) {
      plans += sorter.volumes(of: members)
    }
    // One series UID in two studies is against the standard, and happens.
    let counts = Dictionary(plans.map { ($0.name, 1) }, uniquingKeysWith: +)
    for index in plans.indices where counts[plans[index].name, default: 0] > 1 {
      plans[index].name += "@" + catalogue.instances[plans[index].instances[0]].study
    }
  }

  /// Damaged files belong to the series that they name, or to the one that their neighbours belong to; else each is a case
  /// of its own. A series that may lack a slice is refused: at its end nothing else would tell.
  private mutating func place(_ damaged: [Damage]) {
    let isUnknown = damaged.contains { $0.series == nil }
    let neighbours = isUnknown ? Neighbours(catalogue) : nil
    for damage in damaged {
      let relative = catalogue.files[damage.file].relative
      let series = damage.series.map { [$0] } ?? neighbours?.series(around: relative) ?? []
      let affected = plans.indices.filter { index in
        plans[index].instances.contains { series.contains(catalogue.instances[$0].series) }
      }
      if affected.isEmpty {
        plans.append(lone(file: damage.file, damage.failure, instances: []))
        if damage.series == nil { warn(near: relative) }
      }
      for index in affected { refuse(index, for: damage) }
    }
    for index in plans.indices where plans[index].damagedFiles.count > 1 {
      let more = plans[index].damagedFiles.count - 1
      plans[index].problem?.message += " (and \(more) more file\(more == 1 ? "" : "s"))"
    }
  }

  private mutating func refuse(_ index: Int, for damage: Damage) {
    plans[index].damagedFiles.append(damage.file)
    if plans[index].damagedFiles.count > 1 { return }
    let what = damage.series == nil ? "is damaged, and may be one of its slices" : "is damaged"
    plans[index].problem = StageFailure(
      .badInput, code: damage.failure.code,
      "\(catalogue.name(ofFile: damage.file)) \(what): \(damage.failure.message)",
      hint: damage.failure.hint)
    plans[index].slices = []
  }

  /// Tells the volumes of a folder that a damaged file may be one of their slices, where nothing says of which.
  private mutating func warn(near relative: String) {
    let folder = FileName(relative).folder
    let notice = PlanNotice(
      code: "MAY_LACK_A_SLICE",
      text: "a damaged file in the same folder names no series: it may be a slice of this volume")
    for index in plans.indices where !plans[index].notices.contains(notice) {
      let isNear = plans[index].instances.contains { instance in
        let file = catalogue.instances[instance].file
        return FileName(catalogue.files[file].relative).folder == folder
      }
      if isNear { plans[index].notices.append(notice) }
    }
  }

  private func lone(file: Int, _ problem: StageFailure, instances: [Int]) -> VolumePlan {
    var problem = problem
    problem.message = "\(catalogue.name(ofFile: file)): \(problem.message)"
    var plan = VolumePlan(
      name: "file:" + catalogue.files[file].relative, instances: instances, slices: [])
    plan.problem = problem
    plan.damagedFiles = [file]
    return plan
  }
}

extension StageFailure {
  fileprivate static let cutOff = Self(
    .badInput, code: "TRUNCATED", "the file ends before its image begins",
    hint: "copy the file again from where it came from")
}

extension Search.Skip {
  static let noImage = Self(
    code: "NO_IMAGE",
    text: "DICOM without an image of a scanner: a report, a presentation state, a segmentation")
  static let directory = Self(code: "DICOMDIR", text: "a DICOMDIR: the files themselves are read")
  static let empty = Self(code: "EMPTY_FILE", text: "a file without bytes")
}
