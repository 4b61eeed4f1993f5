/// Which cases get pictures. When there are too many: first those that the filter dropped, the least similar first; then as they
/// come.
struct PictureChoice {
  private let dropped: Set<String>
  private var rest: Int

  /// - Parameters:
  ///   - limit: how many get pictures.
  ///   - count: how many there are.
  init(limit: Int, of count: Int, scores: ScoreTable?) {
    let all = (scores?.rows ?? [:]).filter { $0.value.isKept == false }
      .sorted { ($0.value.similarity, $0.key) < ($1.value.similarity, $1.key) }
    dropped = count > limit ? Set(all.prefix(limit).map(\.key)) : []
    rest = limit - dropped.count
  }

  /// Whether a case gets pictures; asked once a case.
  mutating func includes(_ key: String) -> Bool {
    if dropped.contains(key) { return true }
    rest -= 1
    return rest >= 0
  }
}
