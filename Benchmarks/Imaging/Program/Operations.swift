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
    case "resample": return resampling(threads: threads)
    default: return nil
    }
  }

  /// The voxels of a mask as a volume of 0.9375 x 0.90625 x 1.1 mm, to 1 mm.
  private func resampling(threads: Int) -> () -> Double {
    let mask = mask("prediction")
    let volume = UnsafeMutableBufferPointer<Float>.allocate(capacity: size.count)
    _ = volume.initialize(from: mask.lazy.map { Float($0) * 100 })
    let affine = Affine(x: [0.9375, 0, 0], y: [0, 0.90625, 0], z: [0, 0, 1.1], origin: .zero)
    let output = GridSize(x: 225, y: 218, z: 171)
    let result = UnsafeMutableBufferPointer<Float>.allocate(capacity: output.count)
    result.initialize(repeating: 1)
    let resampling = Resampling(
      from: Grid(size: size, affine: affine), onto: Grid(size: output, affine: .identity))
    return {
      resampling.run(Voxels(UnsafeBufferPointer(volume)), to: result, threads: threads)
      return stride(from: 0, to: result.count, by: 997).reduce(0) { $0 + Double(result[$1]) }
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
