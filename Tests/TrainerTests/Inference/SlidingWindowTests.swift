internal import PonsKit
internal import PonsTorch
internal import TestTensors
internal import Testing
internal import Trainer

@Suite struct SlidingWindowTests {
  /// Against numpy in float64. The smallest weights are 1e-6 of the largest: 1e-5.
  @Test(arguments: ["large", "small"])
  func `answers of windows are blended as numpy blends them`(name: String) throws {
    let fixture = try TensorFixture("window.safetensors", beside: #filePath)
    let window = name == "large" ? [4, 6, 6] : [4, 6, 8]
    let sliding = SlidingWindow(window: window, overlap: name == "large" ? 0.5 : 0.25)
    let z = try Tensor.arange(0, Double(window[0])).reshape([-1, 1, 1]).expand(window)
    let x = try Tensor.arange(1, Double(window[2] + 1))
    var shares: [Double] = []
    let found = try sliding.run(
      fixture("\(name).volume"), fill: -2, progress: { shares.append($0) },
      network: { part in
        let part = try part.squeeze(0).squeeze(0)
        return try Tensor.stack([part, part * x, z]).unsqueeze(0)
      })
    #expect(try relativeError(found, fixture("\(name).logits")) < 1e-5)
    #expect(shares == shares.sorted() && shares.first == 0 && shares.allSatisfy { $0 < 1 })
  }

  @Test(arguments: [(10, 4), (4, 4), (3, 4), (9, 4), (5, 4)])
  func `windows reach every voxel and stay inside`(size: Int, window: Int) {
    let starts = SlidingWindow(window: [], overlap: 0.5).starts(size, window)
    #expect(starts.first == 0)
    #expect(starts.last == max(0, size - window))
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 <= window / 2 })
  }
}
