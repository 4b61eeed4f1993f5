internal import PonsGrids
internal import PonsTorch
internal import SAM
internal import Testing

@Suite struct SlicePromptsTests {
  private let left = PromptList.Box(z: 0, x: 0..<4, y: 0..<4)
  private let right = PromptList.Box(z: 0, x: 6..<10, y: 2..<6)

  private func point(_ x: Int, _ y: Int, _ isForeground: Bool) -> PromptList.Point {
    PromptList.Point(z: 0, x: x, y: y, isForeground: isForeground)
  }

  @Test func `a single box takes all points`() {
    let points = [point(1, 1, true), point(9, 9, false)]
    let prompts = SlicePrompts(boxes: [left], points: points)
    #expect(prompts.objects == [.init(box: left, points: points)])
  }

  @Test func `points without a box are one object`() {
    let points = [point(1, 1, true), point(9, 9, false)]
    #expect(SlicePrompts(boxes: [], points: points).objects == [.init(box: nil, points: points)])
  }

  @Test func `of several boxes each takes the points inside it`() {
    let (one, two, other) = (point(1, 1, true), point(7, 3, false), point(15, 15, true))
    let prompts = SlicePrompts(boxes: [left, right], points: [one, two, other])
    #expect(
      prompts.objects == [
        .init(box: left, points: [one]), .init(box: right, points: [two]),
        .init(box: nil, points: [other]),
      ])
  }

  @Test func `background outside of all boxes tells each of them`() {
    let (one, other) = (point(1, 1, true), point(15, 15, false))
    let prompts = SlicePrompts(boxes: [left, right], points: [one, other])
    #expect(
      prompts.objects == [
        .init(box: left, points: [one, other]), .init(box: right, points: [other]),
      ])
  }

  @Test func `corners are the first and the last pixel, and equal counts go together`() throws {
    let slice = try Tensor.of((0..<100).map { Float($0) }, shape: [10, 10])
    let prepared = try #require(try PreparedSlice(slice, for: .liteMedSAM(size: 20)))
    let prompts = SlicePrompts(boxes: [left, right], points: []).prompts(for: prepared)
    #expect(prompts == [[Prompt(box: [0, 0, 6, 6]), Prompt(box: [12, 4, 18, 10])]])
    let mixed = SlicePrompts(boxes: [left, right], points: [point(1, 1, true)])
    #expect(
      mixed.prompts(for: prepared) == [
        [Prompt(box: [12, 4, 18, 10])],
        [Prompt(points: [Prompt.Mark(2, 2, .foreground)], box: [0, 0, 6, 6])],
      ])
  }
}
