internal import PonsKit

/// The volumes of a search by name and by study. What is said of a study is made once, not for each of its volumes.
struct StudyIndex: Sendable {
  private let byName: [String: Int]
  /// What packets say of each study, and the digest of that.
  private let studies: [String: (volumes: JSON, digest: String)]
  /// Place of each volume in its study.
  private let positions: [Int]
  private let studyOfPlan: [String?]

  init(_ search: Search) {
    let plans = search.plans
    byName = Dictionary(
      plans.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    studyOfPlan = plans.map { plan in
      plan.instances.first.map { search.catalogue.instances[$0].study }
    }
    var members: [String: [JSON]] = [:]
    positions = zip(plans, studyOfPlan).map { plan, study in
      guard let study else { return 0 }
      members[study, default: []].append(VolumeFacts(plan, search.catalogue).json)
      return (members[study]?.count ?? 1) - 1
    }
    studies = members.mapValues { volumes in
      let list = JSON.array(volumes)
      return (list, FNV.hash(list.canonical))
    }
  }

  /// Index of the plan with a name.
  func plan(named name: String) -> Int? { byName[name] }

  /// The value of `study` in a volume's metadata: all volumes of the study, so that a selection can decide about one of them
  /// without waiting for the others, and which of them this one is.
  func study(ofPlan index: Int) -> JSON {
    let volumes = studyOfPlan[index].flatMap { studies[$0]?.volumes } ?? []
    return ["volumes": volumes, "position": .integer(Int64(positions[index]))]
  }

  /// Changes when anything in the study of a plan does.
  func digest(ofPlan index: Int) -> String {
    let digest = studyOfPlan[index].flatMap { studies[$0]?.digest } ?? ""
    return "\(digest) \(positions[index])"
  }
}
