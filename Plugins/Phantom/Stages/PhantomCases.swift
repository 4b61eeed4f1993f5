internal import PonsKit

/// What all sources of phantoms do alike: names of cases, seeds, and checks of parameters.
enum PhantomCases {
  /// Announces `phantom-001` and so on.
  ///
  /// - Parameter files: what they are made of.
  static func announce(_ count: Int, files: [String] = [], _ context: Context) throws {
    let width = max(3, String(count).count)
    for number in 1...count {
      let digits = String(number)
      let name = "phantom-" + String(repeating: "0", count: width - digits.count) + digits
      try context.announce(
        SourceCase(name: name, isPublic: true, files: files, about: ["synthetic": true]))
    }
  }

  /// The number of a case.
  static func number(of name: String) throws -> Int {
    guard let number = name.split(separator: "-").last.flatMap({ Int($0) }) else {
      throw StageFailure(.internal, code: "UNKNOWN_CASE", "there is no case of this name")
    }
    return number
  }

  /// Cases and cohorts differ, whatever the seed of the run.
  static func seed(_ number: Int, ofCohort cohort: Int) -> UInt64 {
    var seeds = SplitMix64(seed: UInt64(cohort) << 32 | UInt64(number))
    return seeds.next()
  }

  static func check(size: [Int]) throws {
    if size.count != 3 || !size.allSatisfy({ (8...512).contains($0) }) {
      throw StageFailure(
        .badParameter, "size must be three numbers from 8 to 512: z, y, x", parameter: "size")
    }
  }

  static func check(diameter: [Double]) throws {
    guard diameter.count == 2, diameter[0] > 0, diameter[0] <= diameter[1], diameter[1] <= 200
    else {
      throw StageFailure(
        .badParameter, "diameter must be two numbers above 0 and up to 200, the smaller first",
        parameter: "diameter")
    }
  }
}
