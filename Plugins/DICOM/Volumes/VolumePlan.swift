package import PonsKit

/// A volume that was found: which slices it is made of, or why it cannot be.
package struct VolumePlan: Sendable {
  /// Unique and stable: the series' UID, with a number when a series has several volumes. Patient data.
  package var name: String
  /// Indices of instances that belong to it, also when there are no slices because of a problem.
  var instances: [Int]
  /// In order along the normal.
  var slices: [Slice]
  package var geometry: StackGeometry?
  /// Why there is no volume.
  package var problem: StageFailure?
  /// What a user should know: code and text.
  package var notices: [PlanNotice] = []
  /// Identical copies that were left out.
  package var duplicates = 0
  /// Number of this volume among those of the series, and how many there are.
  package var number = 1
  package var siblings = 1
  /// Files that the volume may be missing; they belong to nothing else.
  var damagedFiles: [Int] = []
  /// Distances that are not regular, when the site wants to keep such stacks.
  var irregularities: [StackIrregularity] = []
}

/// A remark about a volume, for the log and for the ingest report.
package struct PlanNotice: Sendable, Hashable {
  package var code: String
  package var text: String
}

/// What to do with a stack in which slices seem to be missing.
package enum GapPolicy: String, Codable, Sendable {
  /// Refuse it.
  case quarantine
  /// Each regular part is a volume.
  case split
  /// Take it as it is: the affine is that of a regular stack.
  case keep
}
