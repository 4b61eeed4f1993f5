package import PonsKit

/// What the report says about a case.
package struct CaseRecord: Sendable {
  /// A mask as numbers.
  package struct Extent: Sendable, Hashable {
    package var voxels: Int
    /// In ml.
    package var volume: Double
    package var isEmpty: Bool { voxels == 0 }
  }

  /// What the labeler says of the slices, and where the mask is.
  package struct Profile: Sendable {
    /// Probability of the last class in each slice; empty when no labels are there.
    package var probability: [Double] = []
    /// Whether the slice has the last class; nil: it has no class.
    package var isLabelled: [Bool?] = []
    /// Name of that class.
    package var className = ""
    /// Voxels of the final mask in each slice; empty when there is no mask.
    package var mask: [Int] = []
    /// How many slices there are.
    package var slices = 0
  }

  /// A port at which it has no packet, and why.
  package struct Missing: Sendable, Hashable {
    package var port: String
    package var absence: Absence

    package init(port: String, absence: Absence) {
      self.port = port
      self.absence = absence
    }
  }

  package var key: String
  package var hasVolume = false
  /// Extents (z, y, x) and spacing (z, y, x) in mm.
  package var grid: (size: [Int], spacing: [Double])?
  /// The final mask; nil when there is none.
  package var mask: Extent?
  package var sam: Extent?
  package var truth: Extent?
  package var profile = Profile()
  package var pictures: CasePictures?
  package var missing: [Missing] = []
  /// What could not be shown, for people.
  package var notes: [String] = []
  package var score: ScoreTable.Row?
  package var review: ReviewTable.Row?
  /// Of evaluate.masks, by name.
  package var measures: [(name: String, unit: String, value: Double)] = []

  package init(key: String) { self.key = key }
}

extension CaseRecord {
  /// Each reason once: what happened, and at which ports it shows.
  package var reasons: [(absence: Absence, ports: [String])] {
    var reasons: [(absence: Absence, ports: [String])] = []
    for one in missing {
      if let index = reasons.firstIndex(where: { $0.absence == one.absence }) {
        reasons[index].ports.append(one.port)
      } else {
        reasons.append((one.absence, [one.port]))
      }
    }
    return reasons
  }

  /// The strongest reason: a failure before a selection before a filter.
  package var fate: Absence.Fate? {
    let order: [Absence.Fate] = [.quarantined, .notSelected, .filtered, .notSent]
    return order.first { fate in missing.contains { $0.absence.fate == fate } }
  }
}
