import ClipLabeler
import PonsKit
import PonsTorch
import TestTensors
import Testing

/// Against Pillow, whose weights are rounded to 22 bits: single pixels may differ by 1 of 255.
@Suite struct ClipPreprocessingTests {
  @Test(arguments: 0..<6)
  func `pictures become what the reference makes of them`(number: Int) throws {
    let fixture = try TensorFixture("pictures.safetensors", beside: #filePath)
    let picture = try fixture("\(number).picture").to(.float32).unsqueeze(0)
    let preprocessing = ClipPreprocessing(size: 32)
    let found = try preprocessing(picture).squeeze(0)
    let expected = try fixture("\(number).result")
    #expect(found.shape == expected.shape)
    let step = 1 / (255 * 0.26130258)
    let difference = try (found - expected).abs()
    #expect(try difference.max().item() < 1.001 * step)
    // And most do not.
    #expect(try difference.mean().item() < 0.01 * step)
  }

  @Test func `the file of Hugging Face is read in its old and its new form`() throws {
    let old = try ClipPreprocessing(json: ["size": 40, "crop_size": 32, "resample": 2], size: 224)
    let new = try ClipPreprocessing(
      json: [
        "size": ["shortest_edge": 40], "crop_size": ["height": 32, "width": 32], "resample": 2,
      ], size: 224)
    #expect(old == new && old.size == .shortestEdge(40) && !old.isBicubic)
    #expect(try old(Tensor.zeros([2, 50, 60])).shape == [2, 3, 32, 32])
  }

  @Test func `steps can be left out`() throws {
    let preprocessing = try ClipPreprocessing(
      json: [
        "do_resize": false, "do_center_crop": false, "do_normalize": false, "do_rescale": false,
      ], size: 224)
    let picture = try Tensor.of([Float(7), 8], shape: [1, 1, 2])
    #expect(try preprocessing(picture).array(of: Float.self) == [7, 8, 7, 8, 7, 8])
  }

  @Test func `smaller pictures get a frame`() throws {
    let preprocessing = try ClipPreprocessing(
      json: ["do_resize": false, "crop_size": 3, "do_normalize": false, "rescale_factor": 1],
      size: 224)
    let picture = try Tensor.of([Float(7), 8], shape: [1, 1, 2])
    let channel = try preprocessing(picture).select(1, 0).array(of: Float.self)
    #expect(channel == [0, 0, 0, 7, 8, 0, 0, 0, 0])
  }

  @Test(
    arguments: [
      (["size": "big"], "size"), (["size": 0], "size"), (["crop_size": [3]], "crop_size"),
      (["resample": 1], "resample"), (["image_mean": [1, 2]], "image_mean"),
      (["image_std": [1, 0, 1]], "image_std"),
    ] as [(JSON, String)])
  func `what cannot be is refused`(json: JSON, named: String) throws {
    let error = try #require(throws: StageFailure.self) {
      try ClipPreprocessing(json: json, size: 224)
    }
    #expect(error.message.contains(named))
  }
}
