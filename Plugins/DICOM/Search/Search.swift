internal import PonsFiles
internal import PonsImaging
internal import PonsKit
internal import Synchronization

/// Everything that is behind a path: volumes, or the reason why there is none, and what was passed over.
struct Search: Sendable {
  var catalogue: Catalogue
  var plans: [VolumePlan]
  var skipped: [Skip: Int]

  /// Why a file is no part of any case; codes for machines and words for people.
  struct Skip: Sendable, Hashable {
    var code: String
    var text: String
  }

  /// Looks at every file and sorts what it finds.
  ///
  /// - Parameters:
  ///   - path: a folder, a file, a DICOMDIR, or a text file with a path a line.
  ///   - policy: what becomes of stacks with gaps.
  ///   - threads: how many may be used.
  ///   - progress: called now and then with 0...1; true ends the search.
  /// - Throws: `StageFailure` of category `badParameter` or `cancelled`.
  init(
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
    let suffixes = Self.suffixes(list.files, entries)
    for (number, entry) in entries.enumerated() {
      switch entry {
      case .image(let instance): instances.append(instance)
      case .foreign(let kind): skipped[Skip(code: kind.rawValue, text: kind.text), default: 0] += 1
      case .noImage: skipped[.noImage, default: 0] += 1
      case .directory: skipped[.directory, default: 0] += 1
      case .damaged(let failure, let series):
        let file = FileName(list.files[number].relative)
        // A file without bytes tells nothing; it is a lost slice if it is named like its neighbours.
        if failure.code == "EMPTY", suffixes[file.folder]?.contains(file.suffix) != true {
          skipped[.empty, default: 0] += 1
        } else {
          damaged.append(Damage(file: number, failure: failure, series: series))
        }
      }
    }
    catalogue = Catalogue(
      instances: instances, files: list.files.map { ($0.path, $0.relative) }, shown: shown)
    plans = []
    sort(policy)
    place(damaged)
    plans.sort { $0.name < $1.name }
  }

  private struct Damage {
    var file: Int
    var failure: StageFailure
    var series: String?
  }

  // MARK: Looking at files

  private enum Entry: Sendable {
    case image(Instance)
    case foreign(ForeignKind)
    case noImage
    case directory
    case damaged(StageFailure, series: String?)
  }

  private static func entries(
    _ files: [FolderWalk.File], threads: Int, progress: @escaping @Sendable (Double) -> Bool
  ) throws -> [Entry] {
    let found = Mutex([Entry?](repeating: nil, count: files.count))
    let done = Atomic<Int>(0)
    let isCancelled = Atomic<Bool>(false)
    // One thread may begin with the dictionary of attributes while the others look at files.
    let extra = threads > 1 && files.count > 1 ? 1 : 0
    Parallel.forEach(files.count + extra, threads: threads) { index in
      if index < extra { return DataSet.prepare() }
      if isCancelled.load(ordering: .relaxed) { return }
      let number = index - extra
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
        case .noImage: return .noImage
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

  /// The suffixes that images have, by folder.
  private static func suffixes(_ files: [FolderWalk.File], _ entries: [Entry]) -> [String: Set<
    String
  >] {
    var suffixes: [String: Set<String>] = [:]
    for (file, entry) in zip(files, entries) {
      guard case .image = entry else { continue }
      let name = FileName(file.relative)
      suffixes[name.folder, default: []].insert(name.suffix)
    }
    return suffixes
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

  /// Damaged files belong to the series that they name, or to the only series of their folder; else each is a case of
  /// its own. A series that may lack a slice is refused: at its end nothing else would tell.
  private mutating func place(_ damaged: [Damage]) {
    var seriesByFolder: [String: Set<String>] = [:]
    if damaged.contains(where: { $0.series == nil }) {
      for instance in catalogue.instances {
        let folder = FileName(catalogue.files[instance.file].relative).folder
        seriesByFolder[folder, default: []].insert(instance.series)
      }
    }
    for damage in damaged {
      let neighbours = seriesByFolder[FileName(catalogue.files[damage.file].relative).folder] ?? []
      let series = damage.series ?? (neighbours.count == 1 ? neighbours.first : nil)
      let name = catalogue.name(ofFile: damage.file)
      let affected = plans.indices.filter { index in
        plans[index].instances.contains { catalogue.instances[$0].series == series }
      }
      guard series != nil, !affected.isEmpty else {
        plans.append(lone(file: damage.file, damage.failure, instances: []))
        continue
      }
      for index in affected {
        plans[index].damagedFiles.append(damage.file)
        if plans[index].damagedFiles.count > 1 { continue }
        let belongs =
          damage.series == nil ? "is damaged, and may be one of its slices" : "is damaged"
        plans[index].problem = StageFailure(
          .badInput, code: damage.failure.code, "\(name) \(belongs): \(damage.failure.message)",
          hint: damage.failure.hint)
        plans[index].slices = []
      }
    }
    for index in plans.indices where plans[index].damagedFiles.count > 1 {
      let more = plans[index].damagedFiles.count - 1
      plans[index].problem?.message += " (and \(more) more files)"
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

extension Search.Skip {
  static let noImage = Self(
    code: "NO_IMAGE",
    text: "DICOM without an image of a scanner: a report, a presentation state, a segmentation")
  static let directory = Self(code: "DICOMDIR", text: "a DICOMDIR: the files themselves are read")
  static let empty = Self(code: "EMPTY_FILE", text: "a file without bytes")
}

/// The parts of a relative path.
struct FileName {
  var folder: String
  /// What follows the last point of the name, in lower case; empty when there is none.
  var suffix: String

  init(_ relative: String) {
    let slash = relative.lastIndex(of: "/")
    folder = slash.map { String(relative[...$0]) } ?? ""
    let name = relative[(slash.map { relative.index(after: $0) } ?? relative.startIndex)...]
    suffix = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
  }
}
