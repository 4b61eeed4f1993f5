/// Which part of a cohort each case belongs to, by names alone.
///
/// Groups of cases (those of a patient) stay together. They are ordered by a hash of salt and name: FNV-1a over the UTF-8 bytes of
/// `SALT`, a zero and `NAME`, finished as SplitMix64 does.
package struct CaseSplit: Sendable {
  /// A part, in the order in which parts are filled.
  package enum Part: String, Sendable, Hashable, CaseIterable { case test, validation, train }

  package enum Method: String, Codable, Sendable {
    /// Parts have the sizes that are asked for; which case is where depends on all of them.
    case exact
    /// Each group is where its hash falls: sizes are about right, and a case stays where it is when others come.
    case hashed
  }

  private let parts: [String: Part]

  /// Splits groups.
  ///
  /// With `exact` a part takes groups in the order of their hashes as long as it has fewer cases than its fraction of all, rounded.
  ///
  /// - Parameters:
  ///   - groups: the group of each case; the order does not matter.
  ///   - test: the fraction of test cases.
  ///   - validation: the fraction of validation cases; all others are for training.
  package init(
    groups: [String], test: Double, validation: Double, method: Method, salt: String
  ) {
    var sizes: [String: Int] = [:]
    for group in groups { sizes[group, default: 0] += 1 }
    let hashes = sizes.keys.map { (name: $0, hash: Self.hash($0, salt: salt)) }
    var parts: [String: Part] = [:]
    switch method {
    case .hashed:
      for (name, hash) in hashes {
        let place = Double(hash >> 11) * 0x1p-53
        parts[name] = place < test ? .test : place < test + validation ? .validation : .train
      }
    case .exact:
      let ordered = hashes.sorted { $0.hash == $1.hash ? $0.name < $1.name : $0.hash < $1.hash }
      let wanted: [Part: Int] = [
        .test: Int((test * Double(groups.count)).rounded()),
        .validation: Int((validation * Double(groups.count)).rounded()), .train: .max,
      ]
      var taken: [Part: Int] = [:]
      for (name, _) in ordered {
        let part = Part.allCases.first { taken[$0, default: 0] < wanted[$0, default: 0] } ?? .train
        parts[name] = part
        taken[part, default: 0] += sizes[name, default: 0]
      }
    }
    self.parts = parts
  }

  /// The part of a group; those that were not split are for training.
  package subscript(group: String) -> Part { parts[group] ?? .train }

  static func hash(_ name: String, salt: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in Array(salt.utf8) + [0] + Array(name.utf8) {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
    return hash ^ hash >> 31
  }
}
