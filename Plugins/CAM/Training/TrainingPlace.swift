internal import PonsKit

/// Where the training of a classifier is: what comes next, and what was measured so far.
struct TrainingPlace: Equatable {
  /// The epoch that is under way, from 0.
  private(set) var epoch = 0
  /// The slices of this epoch in the order in which they are seen; empty when it has not begun.
  var order: [Int] = []
  /// The next step of the epoch.
  var batch = 0
  /// Sum of the losses of the epoch's steps.
  var sum = 0.0
  /// Mean loss of each epoch that is over.
  private(set) var losses: [Double] = []
  /// Epochs since the loss last fell by 1 %.
  private(set) var idle = 0
  private var best = Double.infinity

  init() {}

  /// The next epoch.
  mutating func endEpoch() {
    let mean = sum / Double(max(1, batch))
    losses.append(mean)
    idle = mean < best * 0.99 ? 0 : idle + 1
    best = min(best, mean)
    (epoch, order, batch, sum) = (epoch + 1, [], 0, 0)
  }
}

extension TrainingPlace {
  /// What a checkpoint keeps.
  var facts: [String: JSON] {
    [
      "epoch": .integer(Int64(epoch)), "order": .array(order.map { .integer(Int64($0)) }),
      "batch": .integer(Int64(batch)), "sum": .number(sum),
      "losses": .array(losses.map(JSON.number)), "idle": .integer(Int64(idle)),
      "best": best.isFinite ? .number(best) : .null,
    ]
  }

  /// What a checkpoint kept; nil when it is of something else.
  init?(_ facts: [String: JSON]) {
    guard let epoch = facts["epoch"]?.integer, let order = facts["order"]?.array,
      let batch = facts["batch"]?.integer, let sum = facts["sum"]?.number,
      let losses = facts["losses"]?.array, let idle = facts["idle"]?.integer
    else { return nil }
    self.epoch = Int(epoch)
    self.order = order.compactMap(\.integer).map(Int.init)
    self.batch = Int(batch)
    self.sum = sum
    self.losses = losses.compactMap(\.number)
    self.idle = Int(idle)
    best = facts["best"]?.number ?? .infinity
  }
}
