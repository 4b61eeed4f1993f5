/// How many voxels two masks have, each and together.
public struct Overlap: Sendable, Hashable {
  /// Voxels of the prediction.
  public var prediction: Int
  /// Voxels of the reference.
  public var reference: Int
  /// Voxels of both.
  public var intersection: Int

  /// Counts that are known.
  public init(prediction: Int, reference: Int, intersection: Int) {
    self.prediction = prediction
    self.reference = reference
    self.intersection = intersection
  }

  /// Counts the voxels of two masks of one grid; every value but 0 is foreground.
  public init(
    prediction: UnsafeBufferPointer<UInt8>, reference: UnsafeBufferPointer<UInt8>, threads: Int = 1
  ) {
    precondition(prediction.count == reference.count, "masks of one grid have as many voxels")
    self.init(prediction: 0, reference: 0, intersection: 0)
    guard let a = prediction.baseAddress, let b = reference.baseAddress else { return }
    let grain = 1 << 20
    var parts = [Overlap](
      repeating: self, count: (prediction.count + grain - 1) / grain)
    nonisolated(unsafe) let (left, right) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    parts.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = parts
      Parallel.forRanges(prediction.count, grain: grain, threads: threads) { range in
        parts[range.lowerBound / grain] = Self.count(
          left + range.lowerBound, right + range.lowerBound, range.count)
      }
    }
    for part in parts {
      self.prediction += part.prediction
      self.reference += part.reference
      intersection += part.intersection
    }
  }

  /// Dice coefficient: twice the intersection over the sum of both. 1 when both masks are empty (``empty`` says so), 0 when one is.
  public var dice: Double {
    let sum = prediction + reference
    return sum == 0 ? 1 : 2 * Double(intersection) / Double(sum)
  }

  /// Which of the masks is empty.
  public var empty: EmptyMasks {
    EmptyMasks(predictionVoxels: prediction, referenceVoxels: reference)
  }

  /// Eight voxels at a time; blocks of 64 in which both masks are empty, as most are, are passed over.
  private static func count(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Overlap {
    var result = Overlap(prediction: 0, reference: 0, intersection: 0)
    var place = 0
    while place + 64 <= count {
      var any: UInt64 = 0
      for part in 0..<8 {
        any |= a.loadUnaligned(fromByteOffset: place + part * 8, as: UInt64.self)
        any |= b.loadUnaligned(fromByteOffset: place + part * 8, as: UInt64.self)
      }
      if any != 0 {
        // Each byte of these words counts up to eight voxels.
        var (inA, inB, inBoth): (UInt64, UInt64, UInt64) = (0, 0, 0)
        for part in 0..<8 {
          let onesA = BitMask.ones(
            a.loadUnaligned(fromByteOffset: place + part * 8, as: UInt64.self))
          let onesB = BitMask.ones(
            b.loadUnaligned(fromByteOffset: place + part * 8, as: UInt64.self))
          inA &+= onesA
          inB &+= onesB
          inBoth &+= onesA & onesB
        }
        result.prediction += BitMask.sumOfBytes(inA)
        result.reference += BitMask.sumOfBytes(inB)
        result.intersection += BitMask.sumOfBytes(inBoth)
      }
      place += 64
    }
    for voxel in place..<count {
      let isA = a.load(fromByteOffset: voxel, as: UInt8.self) != 0
      let isB = b.load(fromByteOffset: voxel, as: UInt8.self) != 0
      result.prediction += isA ? 1 : 0
      result.reference += isB ? 1 : 0
      result.intersection += isA && isB ? 1 : 0
    }
    return result
  }
}
