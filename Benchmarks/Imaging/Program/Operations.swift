internal import Glibc
internal import PonsImaging

/// What can be measured. Outputs go to memory that was used before, as in a pool.
final class Operations {
  private let folder: String
  private let size: GridSize
  private var masks: [String: UnsafeBufferPointer<UInt8>] = [:]
  private let labels: UnsafeMutableBufferPointer<Int32>
  private let distances: UnsafeMutableBufferPointer<Float>
  private var resampled: UnsafeMutableBufferPointer<Float>?
  private var image: UnsafeBufferPointer<Float>?

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
    case "resample":
      let input = Grid(
        size: GridSize(x: 232, y: 256, z: 160),
        affine: Affine(x: [0.9375, 0, 0], y: [0, 0.90625, 0], z: [0, 0, 1.1], origin: .zero))
      let output = Grid(size: GridSize(x: 218, y: 232, z: 176), affine: .identity)
      let image = image ?? volume("image.f32", of: Float.self, count: input.size.count)
      self.image = image
      let result = resampled ?? .allocate(capacity: output.size.count)
      if resampled == nil { result.initialize(repeating: 1) }
      resampled = result
      return {
        Resampling(from: input, onto: output).run(Voxels(image), to: result, threads: threads)
        return Double(result[output.size.index(x: 100, y: 101, z: 80)])
      }
    default: return nil
    }
  }

  private func mask(_ name: String) -> UnsafeBufferPointer<UInt8> {
    if let mask = masks[name] { return mask }
    let mask = volume(name + ".u8", of: UInt8.self, count: size.count)
    masks[name] = mask
    return mask
  }

  private func volume<Voxel: BitwiseCopyable>(
    _ name: String, of: Voxel.Type, count: Int
  ) -> UnsafeBufferPointer<Voxel> {
    let voxels = UnsafeMutableBufferPointer<Voxel>.allocate(capacity: count)
    guard let file = fopen("\(folder)/\(name)", "rb"),
      fread(voxels.baseAddress, MemoryLayout<Voxel>.stride, count, file) == count
    else {
      print("error: cannot read \(count) voxels of \(name)")
      exit(2)
    }
    fclose(file)
    return UnsafeBufferPointer(voxels)
  }
}
