/// To which series a file may belong that tells nothing itself.
struct Neighbours {
  private struct Image {
    var name: [FileName.Piece]
    var series: String
  }
  /// Images by folder, in the order of their names.
  private var folders: [String: [Image]] = [:]

  init(_ catalogue: Catalogue) {
    for instance in catalogue.instances {
      let name = FileName(catalogue.files[instance.file].relative)
      folders[name.folder, default: []].append(
        Image(name: name.counted, series: instance.series))
    }
    for folder in folders.keys { folders[folder]?.sort { Self.isBefore($0.name, $1.name) } }
  }

  /// The series of the images before and behind a file in its folder, if the names there are in the order of the series; with a
  /// single series in the folder, that one. Empty when nothing tells.
  func series(around relative: String) -> [String] {
    let file = FileName(relative)
    guard let images = folders[file.folder] else { return [] }
    let all = Set(images.map(\.series))
    if all.count == 1 { return Array(all) }
    let changes = zip(images, images.dropFirst()).count { $0.series != $1.series }
    if changes >= all.count { return [] }
    let name = file.counted
    let index = images.firstIndex { Self.isBefore(name, $0.name) } ?? images.count
    let near = [index - 1, index].filter(images.indices.contains).map { images[$0].series }
    return Array(Set(near)).sorted()
  }

  private static func isBefore(_ a: [FileName.Piece], _ b: [FileName.Piece]) -> Bool {
    a.lexicographicallyPrecedes(b)
  }
}
