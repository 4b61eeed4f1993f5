import PonsKit

/// Keeps the cases of which a mask marks a part within limits. Ports are those of `s3f.filter`, so that a site can put it in
/// that one's place; what the mask is compared with there is not looked at.
struct MaskFilter: Stage {
  static let a = Input<MaskKind>("a", .each, "what is measured")
  static let b = Input<MaskKind>("b", .each, "not looked at", optional: true)
  static let kept = Output<MaskKind>("mask", .perCase, "the masks of the cases that stay")

  static let descriptor = StageDescriptor(
    id: "org.example.mask-filter-swift", version: "1",
    summary: "keeps the cases whose mask has a mean within limits", ports: [a, b, kept],
    parameters: MeanFilter.Parameters.schema, concurrency: .parallel)

  private let limits: MeanFilter.Parameters

  init(_ parameters: MeanFilter.Parameters, _ context: Context) { limits = parameters }

  func process(_ context: Context) throws {
    let packet = try context.input(Self.a)
    if try limits.allow(MeanFilter.mean(packet.voxels), context) {
      try context.forward(packet, to: Self.kept)
    }
  }
}
