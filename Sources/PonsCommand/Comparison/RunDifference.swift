internal import Glibc
internal import PonsEngine
package import PonsKit

/// What differs between two runs: what they were told, what became of the cases, and what they wrote.
package struct RunDifference: Sendable {
  /// A value that is not the same; nil where a run does not have it.
  package struct Setting: Sendable, Hashable {
    package var path: String
    package var left: JSON?
    package var right: JSON?
  }

  /// A case whose fate is not the same; nil where a run did not have it.
  package struct ChangedFate: Sendable, Hashable {
    package var caseKey: String
    package var left: RunRecord.Fate?
    package var right: RunRecord.Fate?
  }

  /// A file that is not the same; nil where a run did not write it.
  package struct ChangedFile: Sendable, Hashable {
    /// Without the ending of NIfTI files: `case/mask`.
    package var name: String
    package var left: String?
    package var right: String?
    /// How far two masks agree, when both are.
    package var agreement: MaskAgreement?
  }

  /// Sorted by path.
  package var settings: [Setting] = []
  /// Changes that one of the runs records and the other does not, with their reasons.
  package var leftChanges: [JSON] = []
  package var rightChanges: [JSON] = []
  /// Sorted by case.
  package var fates: [ChangedFate] = []
  /// Cases that ended in the same way.
  package var sameFates = 0
  /// Sorted by name.
  package var files: [ChangedFile] = []
  /// Files that are equal, byte by byte.
  package var sameFiles = 0
  /// Runs that did not record what they were told.
  package var unrecorded: [String] = []

  /// Whether nothing differs.
  package var isEmpty: Bool { settings.isEmpty && fates.isEmpty && files.isEmpty }

  /// Compares two runs.
  ///
  /// - Parameter compare: compares pairs of NIfTI files of masks, and answers as many agreements.
  package init(
    _ left: RunRecord, _ right: RunRecord,
    compare: (_ pairs: [(String, String)]) throws -> [MaskAgreement]
  ) throws {
    unrecorded = [left, right].filter(\.settings.isEmpty).map(\.folder)
    if unrecorded.isEmpty { compareSettings(left, right) }
    leftChanges = left.changes.filter { !right.changes.contains($0) }
    rightChanges = right.changes.filter { !left.changes.contains($0) }
    let (leftFates, rightFates) = (left.fates, right.fates)
    for key in Set(leftFates.keys).union(rightFates.keys).sorted() {
      let (before, after) = (leftFates[key], rightFates[key])
      if before == after {
        sameFates += 1
      } else {
        fates.append(ChangedFate(caseKey: key, left: before, right: after))
      }
    }
    try compareFiles(left, right, compare)
  }

  private mutating func compareSettings(_ left: RunRecord, _ right: RunRecord) {
    let (before, after) = (left.settings, right.settings)
    for path in Set(before.keys).union(after.keys).sorted() where before[path] != after[path] {
      // A stage that only one run has is told by what it uses.
      let parts = path.split(separator: ".")
      if parts.first == "stages", parts.count > 2, parts[2] != "use" {
        let use = "stages.\(parts[1]).use"
        if before[use] == nil || after[use] == nil { continue }
      }
      settings.append(Setting(path: path, left: before[path], right: after[path]))
    }
  }

  private mutating func compareFiles(
    _ left: RunRecord, _ right: RunRecord,
    _ compare: (_ pairs: [(String, String)]) throws -> [MaskAgreement]
  ) throws {
    let (before, after) = (left.files, right.files)
    var pairs: [(index: Int, left: String, right: String)] = []
    for name in Set(before.keys).union(after.keys).sorted() {
      if let first = before[name], let second = after[name] {
        let (a, b) = (FilePaths.join(left.folder, first), FilePaths.join(right.folder, second))
        if try Self.areEqual(a, b) {
          sameFiles += 1
          continue
        }
        if left.isMask(first), right.isMask(second) { pairs.append((files.count, a, b)) }
      }
      files.append(ChangedFile(name: name, left: before[name], right: after[name]))
    }
    let agreements = try compare(pairs.map { ($0.left, $0.right) })
    for (pair, agreement) in zip(pairs, agreements) { files[pair.index].agreement = agreement }
  }

  /// Whether two files have the same bytes. A file that is gone is equal to nothing.
  private static func areEqual(_ left: String, _ right: String) throws -> Bool {
    var (first, second) = (stat(), stat())
    guard stat(left, &first) == 0, stat(right, &second) == 0, first.st_size == second.st_size
    else { return false }
    if (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino) { return true }
    return try SHA256.digest(file: left) == SHA256.digest(file: right)
  }
}

/// How far two masks of a case agree.
package struct MaskAgreement: Sendable, Hashable {
  /// Dice of everything that has a label.
  package var dice: Double
  /// Dice of each label that occurs in either mask, by label.
  package var labels: [Int: Double]
  /// Why they could not be compared; Dice is then not a number.
  package var problem: String?

  /// The least Dice of a label, or of all together.
  package var worst: Double { labels.values.reduce(dice) { min($0, $1) } }

  /// Masks that could not be compared.
  package static func failed(_ problem: String) -> MaskAgreement {
    MaskAgreement(dice: .nan, labels: [:], problem: problem)
  }

  package init(dice: Double, labels: [Int: Double] = [:], problem: String? = nil) {
    self.dice = dice
    self.labels = labels
    self.problem = problem
  }
}
