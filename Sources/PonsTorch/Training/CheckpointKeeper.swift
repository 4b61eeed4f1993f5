internal import Glibc
public import PonsKit

/// Keeps the checkpoints of a training in the folder of its call, so that a run that is interrupted costs the work since the last
/// one and nothing else.
///
///     var keeper = try CheckpointKeeper(context, every: 30)
///     if let checkpoint = keeper.latest { ... }      // go on from there
///     for step in ... { ...; try keeper.keep { try Checkpoint(...) } }
public struct CheckpointKeeper {
  /// The parameter `checkpoint_every` of stages that train.
  public static let every = ParameterDescriptor(
    "checkpoint_every", .number,
    "time between checkpoints; a training that is interrupted goes on from the last one",
    defaultValue: 30, minimum: 0, unit: "s", affectsResult: false)

  private let path: String?
  private let interval: Double
  private var last: Double

  /// - Parameter seconds: time between checkpoints; results do not depend on it.
  public init(_ context: Context, every seconds: Double) throws {
    self.init(folder: try context.checkpoints, every: seconds)
  }

  /// - Parameter folder: where they are kept; nil keeps none.
  public init(folder: String?, every seconds: Double) {
    path = folder.map { $0 + "/training.safetensors" }
    interval = seconds
    last = Self.now()
  }

  /// What an earlier call left, or nil when there is nothing, or when it is damaged.
  public var latest: Checkpoint? {
    guard let path, access(path, R_OK) == 0 else { return nil }
    return try? Checkpoint(path: path)
  }

  /// Writes a checkpoint when it is time for one.
  public mutating func keep(_ make: () throws -> Checkpoint) throws {
    guard let path, Self.now() - last >= interval else { return }
    try make().write(to: path)
    last = Self.now()
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
