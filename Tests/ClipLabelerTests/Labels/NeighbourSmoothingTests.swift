import ClipLabeler
import PonsKit
import PonsWeights
import Testing

/// Against a formula with numpy; see Fixtures/make_labels.py. Labels are equal or not.
@Suite struct NeighbourSmoothingTests {
  @Test func `labels are those of an independent formula`() throws {
    let bytes = try WeightMemory.mapping(fixtures + "/labels.json").withBytes(Array.init)
    let cases = try #require(JSON(parsing: bytes).array)
    #expect(cases.count == 13)
    var changed = 0
    for entry in cases {
      func number(_ key: String) throws -> Int { Int(try #require(entry[key]?.integer)) }
      func labels(_ key: String) -> [Int8] {
        (entry[key]?.array ?? []).compactMap { $0.integer.map { Int8($0) } }
      }
      let smoothing = NeighbourSmoothing(
        each: try number("each"), reach: try number("reach"), minimum: try number("minimum"))
      let before = labels("labels")
      #expect(smoothing(before) == labels("smoothed"))
      changed += smoothing(before) == before ? 0 : 1
    }
    #expect(changed > 6)
  }

  @Test func `one slice among others takes their label, two at an end do not`() {
    let smoothing = NeighbourSmoothing()
    var labels = [Int8](repeating: 0, count: 20)
    labels[10] = 1
    labels[0] = 1
    #expect(smoothing(labels) == [1] + [Int8](repeating: 0, count: 19))
  }

  @Test func `a vote that nobody wins is for the first class`() {
    #expect(NeighbourSmoothing(each: 1, reach: 1, minimum: 1)([0, 1, 1]) == [0, 0, 1])
  }

  @Test func `a window in mm counts the slices that fit`() {
    #expect(NeighbourSmoothing(distance: 10, spacing: 2) == .init(each: 5, reach: 5, minimum: 8))
    #expect(NeighbourSmoothing(distance: 0.3, spacing: 0.1).each == 3)
    #expect(NeighbourSmoothing(distance: 1, spacing: 2).each == 0)
  }

  @Test func `a cut is the class's own, and a probability on it passes`() {
    let cut = ConfidenceCut(minimum: [0.8, 0.6])
    #expect(cut([0.79, 0.21]) == -1)
    #expect(cut([0.8, 0.2]) == 0)
    #expect(cut([0.4, 0.6]) == 1)
    #expect(cut([0.5, 0.5]) == -1)
    #expect(cut([.nan, .nan]) == -1)
  }
}
