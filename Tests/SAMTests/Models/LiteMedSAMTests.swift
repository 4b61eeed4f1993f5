internal import PonsGrids
internal import PonsKit
internal import PonsTorch
internal import PonsWeights
internal import SAM
internal import TestTensors
internal import Testing

/// LiteMedSAM with its real weights on a slice of an average brain, against its authors' code; see Fixtures/make.py.
@Suite(
  .enabled(
    if: Weights.liteMedSAM != nil,
    "the weights are not in the store; fetch them with: pons models fetch lite-medsam"))
struct LiteMedSAMTests {
  private let sam: ReadySAM
  private let fixture: TensorFixture
  private let prompts: SlicePrompts

  init() throws {
    Weights.heap
    let path = try #require(Weights.liteMedSAM)
    sam = try ReadySAM(WeightFile(path: path), name: "lite-medsam")
    let fixture = try TensorFixture("litemedsam.safetensors", beside: #filePath)
    let rows: [Int32] = try fixture("boxes").array()
    let boxes = stride(from: 0, to: rows.count, by: 4).map { start in
      let row = rows[start..<start + 4].map { Int($0) }
      return PromptList.Box(z: 0, x: row[0]..<row[2], y: row[1]..<row[3])
    }
    prompts = SlicePrompts(boxes: boxes, points: [])
    self.fixture = fixture
  }

  private func slice() throws -> Tensor { try fixture("slice").to(.float32) }

  private func every(_ n: Int, _ x: Tensor, from axis: Int) throws -> Tensor {
    try x.slice(axis, step: n).slice(axis + 1, step: n)
  }

  @Test func `image, embedding, logits and masks are the reference's`() throws {
    #expect(sam.preparation == .liteMedSAM())
    let prepared = try #require(try PreparedSlice(slice(), for: sam.preparation))
    let image = try every(4, prepared.image.reshape([256, 256]), from: 0)
    #expect(try relativeError(image, fixture("image")) < 1e-6)
    let embedding = try sam.model.embed(prepared.image)
    let some = try every(16, embedding.reshape([64, 64, 256]), from: 0).permute([2, 0, 1])
    #expect(try relativeError(some, fixture("embedding")) < 1e-4)

    let groups = prompts.prompts(for: prepared)
    #expect(groups.count == 1)
    let answer = try sam.model.masks(embedding, groups[0])
    let logits = try every(4, answer.logits.squeeze(1), from: 1)
    let error = try (logits - fixture("logits")).abs().max().item()
    #expect(error < 1e-3)
    #expect(try relativeError(answer.quality.squeeze(1), fixture("quality")) < 1e-4)

    let masks = try prepared.restored(answer.logits).compare(.greater, 0).to(.uint8)
    let found: [UInt8] = try masks.array()
    let bits: [UInt8] = try fixture("masks").array()
    let different = found.indices.count { bits[$0 / 8] >> (7 - UInt8($0 % 8)) & 1 != found[$0] }
    #expect(found.contains(1) && found.contains(0))
    #expect(different * 1000 <= found.count)
  }

  @Test func `objects of a slice are united`() throws {
    let answer = try #require(try sam.segment(slice(), prompts))
    let found = try answer.mask.to(.uint8).array(of: UInt8.self).map { $0 == 1 }
    let bits: [UInt8] = try fixture("masks").array()
    let expected = found.indices.map { index in
      [index, index + found.count].contains { bits[$0 / 8] >> (7 - UInt8($0 % 8)) & 1 == 1 }
    }
    #expect(zip(found, expected).count { $0 != $1 } * 1000 <= found.count)
    #expect(answer.quality.count == 2)
  }
}
