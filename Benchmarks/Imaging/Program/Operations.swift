internal import Glibc
internal import PonsImaging

/// What can be measured. Outputs go to memory that was used before, as in a pool.
final class Operations {
  private let folder: String
  private let size: GridSize
  private var masks: [String: UnsafeBufferPointer<UInt8>] = [:]
  private let labels: UnsafeMutableBufferPointer<Int32>
  private let distances: UnsafeMutableBufferPointer<Float>

  init(folder: String, size: GridSize) {
    self.folder = folder
    self.size = size
    labels = .allocate(capacity: size.count)
    labels.initialize(repeating: 1)
    distances = .allocate(capacity: size.count)
    distances.initialize(repeating: 1)
  }

  /// The work of that name, ready to run; its result is a number to compare with those of others.
  func named(_ name: String, threads: Int) -> (() -> Double)? {
    let size = size
    switch name {
    case "dice":
      let (prediction, reference) = (mask("prediction"), mask("reference"))
      return {
        Overlap(prediction: prediction, reference: reference, threads: threads).dice
      }
    case "hd95":
      let (prediction, reference) = (mask("prediction"), mask("reference"))
      return {
        let pair = MaskPair(
          prediction: prediction, reference: reference, size: size, threads: threads)
        return pair.surfaceDistances(spacing: .one, threads: threads).pooledHausdorff()
      }
    case "components-many", "components-salt":
      let (mask, labels) = (mask(String(name.dropFirst(11))), labels)
      return {
        Double(Components.label(mask, size: size, into: labels, threads: threads).count)
      }
    case "edt":
      let (mask, distances) = (mask("reference"), distances)
      return {
        DistanceTransform.compute(
          mask, size: size, spacing: .one, to: .nonzero, into: distances, threads: threads)
        return Double(distances[0])
      }
    default: return nil
    }
  }

  private func mask(_ name: String) -> UnsafeBufferPointer<UInt8> {
    if let mask = masks[name] { return mask }
    let voxels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: size.count)
    guard let file = fopen("\(folder)/\(name).u8", "rb"),
      fread(voxels.baseAddress, 1, size.count, file) == size.count
    else {
      print("error: cannot read \(size.count) voxels of \(name).u8")
      exit(2)
    }
    fclose(file)
    masks[name] = UnsafeBufferPointer(voxels)
    return UnsafeBufferPointer(voxels)
  }
}
