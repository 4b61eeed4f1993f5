internal import PonsKit
internal import PonsTorch

/// How far a training came, and how well the network does on what it is trained on.
struct TrainingReport {
  /// The smoothed loss at fifty places of the training.
  private(set) var curve: [Double] = []
  /// The smoothed loss.
  private(set) var smooth = 0.0
  /// Where the generator of samples is; only checkpoints need it.
  var random: UInt64 = 0
  private let steps: Int
  /// Of the patches of the last steps that have a mask.
  private var overlap = Overlap()

  init(steps: Int) { self.steps = steps }

  /// Whether the answers of a step count: those of the last tenth of all steps, and of ten at least.
  func looks(at step: Int) -> Bool { step >= steps - max(10, steps / 10) }

  mutating func add(_ other: Overlap) { overlap = overlap + other }

  mutating func note(_ smooth: Double, after step: Int) {
    self.smooth = smooth
    if (step + 1) % max(1, steps / 50) == 0 { curve.append(smooth) }
  }

  /// Dice of all patches of the last steps together with the masks that were trained on; nil when none had a mask.
  var dice: Double? { overlap.wanted == 0 ? nil : overlap.dice }

  /// Refuses a network that finds nothing of what it was shown, which happens: a few voxels among many of background are easily
  /// given up. Its masks would say that everybody is healthy.
  ///
  /// - Parameter minimum: least Dice.
  func check(atLeast minimum: Double) throws {
    guard let dice, dice < minimum else { return }
    throw StageFailure(
      .internal, code: "FOUND_NOTHING",
      "the network learned to find nothing: in the last steps its Dice with the masks that it is trained on is "
        + "\((dice * 1000).rounded() / 1000), expected at least \(minimum)",
      hint: "use more steps, a warmup, loss: both, or another seed, and look at the masks",
      parameter: "min_dice")
  }
}

extension TrainingReport {
  /// What a checkpoint keeps.
  var facts: [String: JSON] {
    [
      "total": .integer(Int64(steps)), "curve": .array(curve.map(JSON.number)),
      "smooth": .number(smooth), "random": .string(String(random)),
      "both": .integer(Int64(overlap.both)), "found": .integer(Int64(overlap.found)),
      "wanted": .integer(Int64(overlap.wanted)),
    ]
  }

  /// What a checkpoint kept; nil when it is of something else.
  init?(_ facts: [String: JSON]) {
    guard let total = facts["total"]?.integer, let smooth = facts["smooth"]?.number,
      let curve = facts["curve"]?.array, let text = facts["random"]?.string,
      let random = UInt64(text), let both = facts["both"]?.integer,
      let found = facts["found"]?.integer, let wanted = facts["wanted"]?.integer
    else { return nil }
    steps = Int(total)
    self.smooth = smooth
    self.curve = curve.compactMap(\.number)
    self.random = random
    overlap = Overlap(both: Int(both), found: Int(found), wanted: Int(wanted))
  }
}

/// Voxels that were found, wanted, and both.
struct Overlap {
  var both = 0
  var found = 0
  var wanted = 0

  /// 2 both / (found + wanted).
  var dice: Double { found + wanted == 0 ? 1 : Double(2 * both) / Double(found + wanted) }

  static func + (one: Overlap, other: Overlap) -> Overlap {
    Overlap(
      both: one.both + other.both, found: one.found + other.found,
      wanted: one.wanted + other.wanted)
  }
}

extension Overlap {
  /// Of those patches of a batch that have a mask.
  ///
  /// - Parameters:
  ///   - logits: `[n, 2, d, h, w]`, without a gradient.
  ///   - classes: int64 `[n, d, h, w]`, 0 or 1.
  init(_ logits: Tensor, _ classes: Tensor) throws {
    let wanted = try classes.to(.float32)
    let found = try logits.select(1, 1).compare(.greater, logits.select(1, 0)).to(.float32)
    for index in 0..<classes.shape[0] {
      let size = try wanted.select(0, index).sum().item()
      if size == 0 { continue }
      both += Int(try (wanted.select(0, index) * found.select(0, index)).sum().item())
      self.found += Int(try found.select(0, index).sum().item())
      self.wanted += Int(size)
    }
  }
}
