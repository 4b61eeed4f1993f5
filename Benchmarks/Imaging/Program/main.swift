// Work on masks and volumes, timed one call at a time.
//
//     imaging-benchmark FOLDER X Y Z
//
// Reads masks NAME.u8 (uint8, [z, y, x]) and image.f32 (float32, 160 x 256 x 232) from FOLDER as they are asked for. Each line of the input, "OPERATION THREADS", is answered by a line
// with milliseconds of wall time, milliseconds of processor time, and the result as a number, so that compare.py beside
// this folder can take turns with other libraries.

internal import Glibc
internal import PonsImaging

let arguments = CommandLine.arguments
let extents = arguments.dropFirst(2).compactMap { Int($0) }
guard extents.count == 3 else {
  print("usage: imaging-benchmark FOLDER X Y Z")
  exit(2)
}
let operations = Operations(
  folder: arguments[1], size: GridSize(x: extents[0], y: extents[1], z: extents[2]))
while let line = readLine() {
  let words = line.split(separator: " ")
  guard words.count == 2, let threads = Int(words[1]),
    let work = operations.named(String(words[0]), threads: threads)
  else {
    print("error: there is no operation \(line)")
    exit(2)
  }
  let (wall, processor) = (Clock.wall, Clock.processor)
  let result = work()
  print(Clock.wall - wall, Clock.processor - processor, result)
  fflush(nil)
}
