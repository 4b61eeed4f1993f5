// How long reading a .nii.gz takes, against inflating alone.
//
//     swift run -c release nifti-read-benchmark [FOLDER]
//
// Writes two volumes to FOLDER (default: the current folder), reads each 21 times in turn with both, and prints
// medians, a line of JSON a volume. Buffers are touched before: a pool hands out pages that were used before.

internal import CFloor
internal import Glibc
internal import NIfTI
internal import PonsKit

func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let time = try clock.measure(body)
  return Double(time.components.attoseconds) * 1e-15 + Double(time.components.seconds) * 1e3
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func contents(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "rb") else { throw StageFailure(.resource, "cannot open \(path)") }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 64 << 20)
  bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
  return bytes
}

let folder = CommandLine.arguments.dropFirst().first ?? "."
let output = UnsafeMutableRawBufferPointer.allocate(
  byteCount: Volumes.bytes + 4096, alignment: 64)
output.initializeMemory(as: UInt8.self, repeating: 1)
for (name, isStripped) in [("whole", false), ("stripped", true)] {
  let path = folder + "/benchmark-\(name).nii.gz"
  try Volumes.write(path, isStripped: isStripped)
  let packed = try contents(path)
  var floor: [Double] = []
  var read: [Double] = []
  for _ in 0..<21 {
    floor.append(
      milliseconds {
        let made = packed.withUnsafeBytes {
          pons_floor_inflate(
            $0.baseAddress, UInt64($0.count), output.baseAddress, UInt64(output.count))
        }
        precondition(made == Volumes.bytes + 352, "libdeflate inflates what was written")
      })
    read.append(
      try milliseconds {
        let image = try ImageFile(ImageFiles(header: path))
        _ = try image.header.geometry()
        let shape = try image.shape(.only)
        precondition(shape == Volumes.shape, "the volume that was written")
        try image.readVoxels(
          .only, into: UnsafeMutableRawBufferPointer(rebasing: output[0..<Volumes.bytes]))
      })
  }
  let result: JSON = [
    "benchmark": "nifti-read", "volume": .string(name), "file_bytes": .integer(Int64(packed.count)),
    "libdeflate_ms": .number(median(floor)), "pons_ms": .number(median(read)),
    "ratio": .number(median(read) / median(floor)),
  ]
  print(result.canonical)
}
