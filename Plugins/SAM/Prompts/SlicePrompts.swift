package import PonsGrids

/// What is asked in one slice: each box, with the points that belong to it, is one object.
///
/// A single box takes all points. Of several, each takes the points inside it; points in none of them are an object of their
/// own when one of them is foreground, and tell every box where not to look otherwise.
package struct SlicePrompts: Sendable {
  /// One object.
  package struct Object: Sendable, Hashable {
    package var box: PromptList.Box?
    package var points: [PromptList.Point]

    package init(box: PromptList.Box?, points: [PromptList.Point]) {
      self.box = box
      self.points = points
    }
  }

  /// What is looked for.
  package private(set) var objects: [Object]

  package init(boxes: [PromptList.Box], points: [PromptList.Point]) {
    if boxes.count == 1 || points.isEmpty {
      objects = boxes.map { Object(box: $0, points: points) }
      return
    }
    func lies(_ point: PromptList.Point, in box: PromptList.Box) -> Bool {
      box.x.contains(point.x) && box.y.contains(point.y)
    }
    objects = boxes.map { box in Object(box: box, points: points.filter { lies($0, in: box) }) }
    let others = points.filter { point in !boxes.contains { lies(point, in: $0) } }
    if others.contains(where: \.isForeground) {
      objects.append(Object(box: nil, points: others))
    } else {
      for index in objects.indices { objects[index].points += others }
    }
  }

  /// In the pixels of a prepared slice, grouped so that all of a group have as many points: the decoder takes such a group
  /// in one call.
  package func prompts(for slice: PreparedSlice) -> [[Prompt]] {
    var groups: [Int: [Prompt]] = [:]
    for object in objects {
      let points = object.points.map { point in
        let place = slice.place(x: point.x, y: point.y)
        return Prompt.Mark(place.x, place.y, point.isForeground ? .foreground : .background)
      }
      // The network was taught corners as the first and the last pixel.
      let box = object.box.map { box in
        let start = slice.place(x: box.x.lowerBound, y: box.y.lowerBound)
        let end = slice.place(x: box.x.upperBound - 1, y: box.y.upperBound - 1)
        return [start.x, start.y, end.x, end.y]
      }
      let prompt = Prompt(points: points, box: box)
      groups[prompt.marks.count, default: []].append(prompt)
    }
    return groups.sorted { $0.key < $1.key }.map(\.value)
  }
}
