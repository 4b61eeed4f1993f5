package import PonsKit
package import PonsManifest

/// Whether an overlay may be used: its results on golden cases, beside those of the manifest itself.
package struct GoldenCheck: Sendable {
  /// What was measured on one mask of a case.
  package struct Measure: Sendable, Hashable {
    /// `case/mask`
    package var name: String
    /// The label whose Dice fell most; 0 is all together.
    package var label: Int
    /// Dice with the truth, or nil where there is no truth: the manifest's result is then taken for it.
    package var base: Double?
    /// Dice with the truth, or with the manifest's result.
    package var overlay: Double
    /// By how much Dice fell.
    package var drop: Double { (base ?? 1) - overlay }
  }

  /// Sorted by name.
  package var measures: [Measure] = []
  /// Why the overlay is refused; empty when it is not.
  package var violations: [String] = []

  /// Judges two runs on golden cases.
  ///
  /// - Parameter compare: compares pairs of NIfTI files of masks, and answers as many agreements.
  package init(
    _ golden: GoldenCases, base: RunRecord, overlay: RunRecord,
    compare: (_ pairs: [(String, String)]) throws -> [MaskAgreement]
  ) throws {
    let (before, after) = (base.fates, overlay.fates)
    let good = before.filter(\.value.isDone).keys.sorted()
    if good.isEmpty {
      violations.append(
        "no golden case is done under the manifest itself, so nothing can be compared")
    }
    var kept: [String] = []
    for key in good {
      if let fate = after[key], fate.isDone {
        kept.append(key)
      } else {
        let fate = after[key].map { $0.status + ($0.reason.isEmpty ? "" : " (\($0.reason))") }
        violations.append("case \(key) is done, and with the overlay \(fate ?? "not there")")
      }
    }
    var names: [String] = []
    var pairs: [(String, String)] = []
    for (name, file, other) in masks(of: kept, golden, base, overlay) {
      let (left, right) = (
        FilePaths.join(base.folder, file), FilePaths.join(overlay.folder, other)
      )
      if let folder = golden.truth {
        guard let truth = Self.truth(name, in: folder) else {
          violations.append(
            "there is no truth for \(name): no \(name).nii.gz or .nii below 'truth'")
          continue
        }
        pairs += [(left, truth), (right, truth)]
      } else {
        pairs.append((left, right))
      }
      names.append(name)
    }
    let agreements = try compare(pairs)
    let step = golden.truth == nil ? 1 : 2
    for (index, name) in names.enumerated() {
      let own = agreements[index * step..<(index + 1) * step]
      if let problem = own.compactMap(\.problem).first {
        violations.append("\(name) cannot be compared: \(problem)")
      } else if let first = own.first, let last = own.last {
        add(Self.measure(name, step == 2 ? first : nil, last), golden.maximumDiceDrop)
      }
    }
  }

  /// The masks of cases in both runs; violations where there is none.
  private mutating func masks(
    of cases: [String], _ golden: GoldenCases, _ base: RunRecord, _ overlay: RunRecord
  ) -> [(name: String, base: String, overlay: String)] {
    var result: [(name: String, base: String, overlay: String)] = []
    let (before, after) = (base.files, overlay.files)
    for key in cases {
      for output in golden.outputs {
        let prefix = "\(key)/\(output)"
        let names = before.keys.filter { $0 == prefix || $0.hasPrefix(prefix + "/") }.sorted()
        let masks = names.filter { name in before[name].map(base.isMask) ?? false }
        if masks.isEmpty {
          violations.append("the output '\(output)' of case \(key) is no mask in a NIfTI file")
        }
        for name in masks {
          guard let file = before[name], let other = after[name], overlay.isMask(other) else {
            violations.append("\(name) is not written with the overlay")
            continue
          }
          result.append((name, file, other))
        }
      }
    }
    return result
  }

  private static func truth(_ name: String, in folder: String) -> String? {
    [".nii.gz", ".nii"].map { FilePaths.join(folder, name + $0) }.first(where: FilePaths.isFile)
  }

  /// The label whose Dice fell most. A label that occurs in neither of two masks is agreement.
  private static func measure(
    _ name: String, _ base: MaskAgreement?, _ overlay: MaskAgreement
  ) -> Measure {
    let labels = Set(overlay.labels.keys).union(base?.labels.keys ?? [:].keys).sorted()
    let measures =
      [Measure(name: name, label: 0, base: base?.dice, overlay: overlay.dice)]
      + labels.map { label in
        Measure(
          name: name, label: label, base: base.map { $0.labels[label] ?? 1 },
          overlay: overlay.labels[label] ?? 1)
      }
    return measures.dropFirst().reduce(measures[0]) { $1.drop > $0.drop ? $1 : $0 }
  }

  private mutating func add(_ measure: Measure, _ limit: Double) {
    measures.append(measure)
    // Not greater, and not "less or equal": what is no number is refused.
    if measure.drop <= limit { return }
    let label = measure.label == 0 ? "" : ", label \(measure.label)"
    let how =
      measure.base.map { "falls from \($0.fixed(3)) to \(measure.overlay.fixed(3))" }
      ?? "with the manifest's own result is \(measure.overlay.fixed(3))"
    violations.append(
      "\(measure.name)\(label): Dice \(how); at most \(limit.fixed(3)) may be lost")
  }

  /// The verdict for machines.
  package var json: JSON {
    [
      "passed": .bool(violations.isEmpty), "violations": .array(violations.map(JSON.string)),
      "masks": .array(
        measures.map {
          [
            "name": .string($0.name), "label": .integer(Int64($0.label)),
            "base": $0.base.map(JSON.number) ?? .null, "overlay": .number($0.overlay),
            "drop": .number($0.drop),
          ]
        }),
    ]
  }
}
