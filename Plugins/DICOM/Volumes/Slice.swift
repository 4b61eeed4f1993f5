/// One slice of a volume: a frame of an instance.
struct Slice: Sendable {
  /// Index of the instance.
  var instance: Int
  /// Index in ``Instance/frames``.
  var frame: Int
  /// Center of the first pixel, LPS, mm.
  var position: Vector
  /// The position along the normal of the slices, mm.
  var location: Double
}

/// What all volumes of a search are made of.
package struct Catalogue: Sendable {
  var instances: [Instance]
  /// Paths: absolute, and relative to what was searched. Patient data.
  var files: [(path: String, relative: String)]
  /// Names a file as it may stand in a message.
  var shown: @Sendable (_ relative: String) -> String

  func frame(_ slice: Slice) -> Frame { instances[slice.instance].frames[slice.frame] }

  /// "'…/im021.dcm' (instance 21)".
  func name(of slice: Slice) -> String {
    let instance = instances[slice.instance]
    if instance.format.frames == 1 { return name(ofInstance: slice.instance) }
    return "\(name(ofFile: instance.file)) (frame \(instance.frames[slice.frame].index + 1))"
  }

  /// "'…/im021.dcm' (instance 21)".
  func name(ofInstance number: Int) -> String {
    let name = name(ofFile: instances[number].file)
    return instances[number].instanceNumber.map { "\(name) (instance \($0))" } ?? name
  }

  /// "'…/im021.dcm'".
  func name(ofFile file: Int) -> String { "'\(shown(files[file].relative))'" }
}
