/// What is asked of SAM for one mask: points and a box, in pixels of the image that the network sees.
package struct Prompt: Sendable, Hashable {
  /// What a point says.
  package enum Label: Int, Sendable {
    /// Nothing: it stands where a box could be.
    case padding = -1
    /// Outside of the object.
    case background = 0
    /// Inside.
    case foreground = 1
    /// The corner of a box with the smaller coordinates.
    case boxStart = 2
    /// The other corner.
    case boxEnd = 3
  }

  /// A point with what it says.
  package struct Mark: Sendable, Hashable {
    package var x: Float
    package var y: Float
    package var label: Label

    package init(_ x: Float, _ y: Float, _ label: Label) {
      self.x = x
      self.y = y
      self.label = label
    }
  }

  /// In the order in which the network was trained to see them.
  package let marks: [Mark]

  /// - Parameters:
  ///   - points: labels foreground or background.
  ///   - box: x0, y0, x1, y1.
  package init(points: [Mark] = [], box: [Float]? = nil) {
    if let box, box.count == 4 {
      marks = points + [Mark(box[0], box[1], .boxStart), Mark(box[2], box[3], .boxEnd)]
    } else if points.isEmpty {
      marks = []
    } else {
      // Shifted by half a pixel like all others, it would not be at 0; its place does not count anyway.
      marks = points + [Mark(0, 0, .padding)]
    }
  }
}
