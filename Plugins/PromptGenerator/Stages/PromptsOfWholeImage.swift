internal import PonsGrids
internal import PonsImaging
internal import PonsKit

/// Prompts SAM with everything: a box around each slice, or around the brain in it. The baseline without any idea of where to look.
struct PromptsOfWholeImage: Stage {
  static let volume = Input<VolumeKind>("volume", .each, "the image that is prompted")
  static let brain = Input<MaskKind>(
    "brain", .each, "boxes are drawn around it, and only where it is", optional: true,
    sameGrid: "volume")
  static let roi = Input<MaskKind>(
    "roi", .each, "only slices that it is in are prompted", optional: true, sameGrid: "volume")
  static let hints = Input<PromptsKind>(
    "hints", .each, "prompts that there are already: joined with the boxes", optional: true)
  static let prompts = Output<PromptsKind>("prompts", .perCase, "a box a slice")

  struct Parameters: StageParameters {
    var step: Int
    static let schema = [PromptSettings.step]
  }

  static let descriptor = StageDescriptor(
    id: "prompts.whole-image", version: "1",
    summary: "prompts SAM with a box around each slice, or around the brain in it",
    ports: [volume, brain, roi, hints, prompts], parameters: Parameters.schema,
    concurrency: .parallel)

  private let step: Int

  init(_ parameters: Parameters, _ context: Context) { step = parameters.step }

  func process(_ context: Context) throws {
    let volume = try GridPacket(context.input(Self.volume), port: "volume")
    let size = volume.size
    let whole = IndexBox(x: 0..<size.x, y: 0..<size.y, z: 0..<1)
    let brain = try boxes(Self.brain, on: volume.grid, context)
    let roi = try boxes(Self.roi, on: volume.grid, context)
    var boxes: [PromptList.Box] = []
    for z in 0..<size.z {
      if let roi, roi[z] == nil { continue }
      guard let box = brain.map({ $0[z] }) ?? whole else { continue }
      boxes.append(PromptList.Box(z: z, x: box.x, y: box.y))
    }
    var list = PromptList()
    list.boxes = boxes.every(step)
    try list.send(
      context, to: Self.prompts, on: volume.grid, hints: Self.hints,
      source: brain == nil ? "whole-image" : "brain", step: step)
  }

  /// The box of a mask in each slice; nil when the port is not connected.
  private func boxes(_ port: Input<MaskKind>, on grid: Grid, _ context: Context) throws
    -> [IndexBox?]?
  {
    guard let packet = try context.optionalInput(port) else { return nil }
    let mask = try GridPacket(packet, port: port.name)
    try mask.require(grid, port: port.name, "the mask and the volume")
    let size = grid.size
    return try mask.withMask { voxels in
      try (0..<size.z).map { z in
        try context.checkCancelled()
        let slice = UnsafeBufferPointer(
          rebasing: voxels[z * size.sliceCount..<(z + 1) * size.sliceCount])
        return Voxels(slice).nonzeroBox(GridSize(x: size.x, y: size.y, z: 1))
      }
    }
  }
}
