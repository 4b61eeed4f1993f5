internal import PonsKit

/// Everything that a page says.
package struct PageContents: Sendable {
  package var title: String
  /// What is not real about the run; empty when nothing was declared.
  package var synthetic: String
  /// Sorted by key.
  package var cases: [CaseRecord] = []
  /// Names of the ports that are connected.
  package var connected: Set<String> = []
  package var scores: ScoreTable?
  package var cohort: EstimateTable?
  package var ablation: EstimateTable?
  package var differences: EstimateTable?
  /// Measures of the methods that are drawn.
  package var charts: [String] = []
  /// Lines of the review; nil when there was none.
  package var reviewedLines: Int?
  /// What could not be shown, for people.
  package var notes: [String] = []

  package init(title: String, synthetic: String) {
    self.title = title
    self.synthetic = synthetic
  }
}

extension PageContents {
  var pictured: [CaseRecord] { cases.filter { $0.pictures != nil } }
  var volumes: Int { cases.count(where: \.hasVolume) }
  var masks: Int { cases.count { $0.mask?.isEmpty == false } }
  var emptyMasks: Int { cases.count { $0.mask?.isEmpty == true } }

  /// How many cases have a fate, and no mask.
  func count(_ fate: CaseState) -> Int { cases.count { $0.state == fate } }

  /// Whether anything is known about masks.
  var hasMasks: Bool { connected.contains("segmentation") }
}

/// What became of a case, in a word.
enum CaseState: String, CaseIterable {
  case mask
  case empty
  case quarantined
  case notSelected = "not-selected"
  case filtered
  /// It has no mask, and nobody says why.
  case none

  /// For people.
  var words: String {
    switch self {
    case .mask: "mask"
    case .empty: "nothing found"
    case .quarantined: "quarantined"
    case .notSelected: "not selected"
    case .filtered: "filtered"
    case .none: "no mask"
    }
  }
}

extension CaseRecord {
  /// A mask, or else the reason why there is none.
  var state: CaseState {
    if let mask { return mask.isEmpty ? .empty : .mask }
    switch fate {
    case .quarantined: return .quarantined
    case .notSelected: return .notSelected
    case .filtered, .notSent: return .filtered
    case nil: return .none
    }
  }

  /// The fragment of the case's address; the key when that can stand there.
  func anchor(_ number: Int) -> String {
    let isPlain = key.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
        || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
    }
    return isPlain && !key.isEmpty ? "case-\(key)" : "case.\(number)"
  }
}
