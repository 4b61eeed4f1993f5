/// How many voxels each label of two images has, each and together, counted in one pass.
public struct LabelOverlap: Sendable, Hashable {
  private var first = [Int](repeating: 0, count: 256)
  private var second = [Int](repeating: 0, count: 256)
  private var both = [Int](repeating: 0, count: 256)
  /// Voxels with a label in both, whichever.
  private var shared = 0

  /// Nothing counted yet.
  public init() {}

  /// Counts voxels of two images of one grid, which may come in parts.
  ///
  /// - Parameters:
  ///   - a: labels; 0 is none.
  ///   - b: as many.
  public mutating func add(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) {
    precondition(a.count == b.count, "images of one grid have as many voxels")
    guard let left = UnsafeRawPointer(a.baseAddress), let right = UnsafeRawPointer(b.baseAddress)
    else { return }
    first.withUnsafeMutableBufferPointer { first in
      second.withUnsafeMutableBufferPointer { second in
        both.withUnsafeMutableBufferPointer { both in
          var place = 0
          while place < a.count {
            // Most voxels of most masks are 0 in both: eight at a time.
            if place + 8 <= a.count,
              left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                | right.loadUnaligned(fromByteOffset: place, as: UInt64.self) == 0
            {
              place += 8
              continue
            }
            for index in place..<min(place + 8, a.count) {
              let (x, y) = (Int(a[index]), Int(b[index]))
              first[x] += 1
              second[y] += 1
              if x == y { both[x] += 1 }
              if x != 0, y != 0 { shared += 1 }
            }
            place += 8
          }
        }
      }
    }
  }

  /// The labels that occur in either, in order; 0 is none.
  public var labels: [UInt8] {
    (1...255).filter { first[$0] + second[$0] > 0 }.map(UInt8.init)
  }

  /// The overlap of one label, which is not 0.
  public func overlap(of label: UInt8) -> Overlap {
    precondition(label != 0, "0 is no label")
    let index = Int(label)
    return Overlap(prediction: first[index], reference: second[index], intersection: both[index])
  }

  /// The overlap of everything that has a label.
  public var foreground: Overlap {
    Overlap(
      prediction: first[1...].reduce(0, +), reference: second[1...].reduce(0, +),
      intersection: shared)
  }
}
